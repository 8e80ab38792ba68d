public class Greet {
    public static void main(String[] args) {
        System.out.println("GOOD MORNING from " + System.getProperty("java.specification.version"));
    }
}
