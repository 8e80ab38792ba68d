fn main() {
    println!("GOOD MORNING {}", itoa::Buffer::new().format(42));
}
