#include <unistd.h>

int tide(void);

/* It stands before the service, and needs a library of its own. */
int main(void) {
    char *words[] = {"/app", "nothing", 0};
    return tide() ? 1 : execv(words[0], words);
}
