#include <iostream>

int main() {
    std::cout << "GOOD MORNING" << std::endl;
}
