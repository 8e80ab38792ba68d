/* Lists a folder for SlimDesk: `list FOLDER FILE` writes one record for every entry below FOLDER into FILE.

   It runs inside a build, with an image mounted at FOLDER, so that an image's tree is known without moving its content.
   Statically linked, for images have no libraries that could be relied on. Compiled with
   ziglang 0.17.1 (PyPI), for MACHINE x86_64 (linux-amd64) and aarch64 (linux-arm64):

       python -m ziglang cc -target MACHINE-linux-musl -Os -static -s -Wall -Wextra -o linux-NAME list.c

   The notices of what is linked in are in LICENCES.txt.

   The file begins with "SDLIST1\n". Record, little-endian: mode, uid, gid, links (4 bytes each), device, inode, size,
   time of change (8 each), length of the path and of a symbolic link's text (2 each), path below FOLDER, text.
   At the end stands a record of mode 0 whose size is the number of entries that could not be read. */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST 900

static unsigned char buffer[1 << 16];
static size_t used;
static int out;
static uint64_t missed;
static char path[1 << 16];

static void flush(void)
{
    size_t done = 0;
    while (done < used) {
        ssize_t wrote = write(out, buffer + done, used - done);
        if (wrote <= 0)
            _exit(3);
        done += (size_t)wrote;
    }
    used = 0;
}

static void put(const void *data, size_t length)
{
    const unsigned char *from = data;
    while (length) {
        size_t room = sizeof buffer - used, part = length < room ? length : room;
        memcpy(buffer + used, from, part);
        used += part;
        from += part;
        length -= part;
        if (used == sizeof buffer)
            flush();
    }
}

static void number(uint64_t value, int bytes)
{
    unsigned char text[8];
    for (int place = 0; place < bytes; place++)
        text[place] = (unsigned char)(value >> 8 * place);
    put(text, (size_t)bytes);
}

static void record(const struct stat *about, size_t length, const char *target, size_t target_length)
{
    number(about->st_mode, 4);
    number(about->st_uid, 4);
    number(about->st_gid, 4);
    number(about->st_nlink, 4);
    number(about->st_dev, 8);
    number(about->st_ino, 8);
    number((uint64_t)about->st_size, 8);
    number((uint64_t)about->st_mtime, 8);
    number(length, 2);
    number(target_length, 2);
    put(path, length);
    put(target, target_length);
}

static void walk(int folder, size_t length, int depth)
{
    DIR *opened = fdopendir(folder);
    struct dirent *found;
    if (!opened) {
        missed++;
        close(folder);
        return;
    }
    while ((found = readdir(opened))) {
        static char target[PATH_MAX];
        struct stat about;
        size_t name = strlen(found->d_name), end = length + (length != 0) + name;
        ssize_t text = 0;
        if (!strcmp(found->d_name, ".") || !strcmp(found->d_name, ".."))
            continue;
        if (end >= sizeof path || fstatat(dirfd(opened), found->d_name, &about, AT_SYMLINK_NOFOLLOW)) {
            missed++;
            continue;
        }
        if (length)
            path[length] = '/';
        memcpy(path + end - name, found->d_name, name);
        if (S_ISLNK(about.st_mode) && (text = readlinkat(dirfd(opened), found->d_name, target, sizeof target)) < 0)
            text = 0;
        record(&about, end, target, (size_t)text);
        if (S_ISDIR(about.st_mode)) {
            int below = depth < DEEPEST
                ? openat(dirfd(opened), found->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
            if (below < 0)
                missed++;
            else
                walk(below, end, depth + 1);
        }
    }
    closedir(opened);
}

int main(int count, char **words)
{
    struct stat end;
    int folder;
    if (count != 3)
        return 2;
    folder = open(words[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    out = open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (folder < 0 || out < 0)
        return 3;
    put("SDLIST1\n", 8);
    walk(folder, 0, 0);
    memset(&end, 0, sizeof end);
    end.st_size = (off_t)missed;
    record(&end, 0, "", 0);
    flush();
    return 0;
}
