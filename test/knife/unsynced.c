// A disk that forgets what was not flushed. Loaded before the C library (LD_PRELOAD) into a process that is there to be killed: the
// directory in KNIFE_LIVE is what the process sees, as the system's cache would show it; KNIFE_PLATTER is what the disk holds. A write
// changes the first; fsync and fdatasync carry what was written to that file since to the second, and those of a folder carry its
// names. Whatever the one has and the other has not is what a loss of power may take.
//
// KNIFE_PLATTER/inode/N    the flushed content of the file that is inode N of the live directory
// KNIFE_PLATTER/name/PATH  the flushed names: hard links to those
// KNIFE_UNFLUSHED          files whose name begins so are never flushed, though the caller is told so: a disk, or a program, that lies
// KNIFE_FLUSH_US           how long a flush takes, in microseconds
// KNIFE_FAULT              a file of 64 bytes, looked at before each call: one letter, and the beginning of the names that it concerns
//     -  none
//     n  no room: what would make a file longer fails with ENOSPC
//     r  read-only: every write, and every opening for one, fails with EROFS
//     e  every flush fails with EIO, and what was to be flushed is given up, as Linux does
//
// A call that is not taken here can only lose more than a disk would: it never makes a missing flush look right.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 256
#define DESCRIPTORS_MAX 4096
#define RANGES_MAX 4096
#define FAULT_BYTES 64

struct range { off_t from, to; };

/** A file of the live directory, and what of it is written and not flushed. */
struct file {
  ino_t inode;
  char name[64];
  int lies;
  size_t count;
  struct range ranges[RANGES_MAX];
};

static struct file *files[FILES_MAX];
static struct file *opened[DESCRIPTORS_MAX];
static char folders[DESCRIPTORS_MAX][PATH_MAX / 8];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char live[PATH_MAX], platter[PATH_MAX / 2], liar[64];
static useconds_t flush_us;
static const volatile char *fault;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_write = dlsym(RTLD_NEXT, "write");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  const char *at = getenv("KNIFE_LIVE"), *to = getenv("KNIFE_PLATTER"), *lie = getenv("KNIFE_UNFLUSHED"), *us = getenv("KNIFE_FLUSH_US");
  if (at == NULL || to == NULL || realpath(at, live) == NULL) abort();
  snprintf(platter, sizeof platter, "%s", to);
  snprintf(liar, sizeof liar, "%s", lie == NULL ? "" : lie);
  flush_us = us == NULL ? 0 : (useconds_t)atoi(us);
  int faults = real_open(getenv("KNIFE_FAULT"), O_RDONLY | O_CLOEXEC);
  fault = mmap(NULL, FAULT_BYTES, PROT_READ, MAP_SHARED, faults, 0);
  if (fault == MAP_FAILED) abort();
  real_close(faults);
}

/** Whether a fault of this kind concerns a file now. */
static int fails(char kind, const char *name) {
  if (fault[0] != kind) return 0;
  for (size_t at = 1; at < FAULT_BYTES && fault[at] != '\0'; at += 1)
    if (fault[at] != name[at - 1]) return 0;
  return 1;
}

static int refuse(int why) {
  errno = why;
  return -1;
}

static void must(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "unsynced: %s: %s\n", what, strerror(errno));
  abort();
}

static struct file *file_of(ino_t inode, const char *name) {
  size_t at = 0;
  while (at < FILES_MAX && files[at] != NULL && files[at]->inode != inode) at += 1;
  must(at < FILES_MAX, "too many files");
  if (files[at] == NULL) {
    files[at] = calloc(1, sizeof(struct file));
    must(files[at] != NULL, "memory");
    files[at]->inode = inode;
  }
  snprintf(files[at]->name, sizeof files[at]->name, "%s", name);
  files[at]->lies = liar[0] != '\0' && strncmp(name, liar, strlen(liar)) == 0;
  return files[at];
}

static void inode_path(char *path, size_t size, ino_t inode) {
  snprintf(path, size, "%s/inode/%lu", platter, (unsigned long)inode);
}

/** Remembers a descriptor of a file or folder in the live directory. */
static int track(int fd, int flags, int is_new) {
  if (fd < 0 || fd >= DESCRIPTORS_MAX) return fd;
  int saved = errno;
  char link[64], path[PATH_MAX];
  struct stat found;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  size_t prefix = strlen(live);
  pthread_mutex_lock(&lock);
  opened[fd] = NULL;
  folders[fd][0] = '\0';
  if (length >= (ssize_t)prefix && memcmp(path, live, prefix) == 0 && fstat(fd, &found) == 0) {
    path[length] = '\0';
    if (S_ISDIR(found.st_mode)) snprintf(folders[fd], sizeof folders[fd], "/%s", path[prefix] == '/' ? path + prefix + 1 : "");
    if (S_ISREG(found.st_mode)) {
      opened[fd] = file_of(found.st_ino, strrchr(path, '/') + 1);
      if (is_new) {
        // The inode may have been another file's, whose name the platter still has.
        inode_path(path, sizeof path, found.st_ino);
        unlink(path);
        opened[fd]->count = 0;
      }
      must((flags & O_TRUNC) == 0 || is_new, "a file is opened to be cut, which this disk does not know");
    }
  }
  int refused = opened[fd] != NULL && (flags & O_ACCMODE) != O_RDONLY && fails('r', opened[fd]->name);
  if (refused) opened[fd] = NULL;
  pthread_mutex_unlock(&lock);
  if (refused) {
    real_close(fd);
    return refuse(EROFS);
  }
  errno = saved;
  return fd;
}

static int will_be_new(int at, const char *path, int flags) {
  return (flags & O_CREAT) != 0 && faccessat(at, path, F_OK, 0) != 0;
}

/** Notes what was written, after it was: a flush that goes on meanwhile need not take it. */
static void soil(int fd, off_t from, off_t to) {
  if (fd < 0 || fd >= DESCRIPTORS_MAX || opened[fd] == NULL || to <= from) return;
  int saved = errno;
  pthread_mutex_lock(&lock);
  struct file *file = opened[fd];
  struct range *last = file->count > 0 ? &file->ranges[file->count - 1] : NULL;
  if (last != NULL && from <= last->to && to >= last->from) {
    if (from < last->from) last->from = from;
    if (to > last->to) last->to = to;
  } else {
    // More pieces than there is room for are one: in between nothing differs.
    if (file->count == RANGES_MAX) file->count = 1, file->ranges[0] = (struct range){0, LLONG_MAX};
    else file->ranges[file->count++] = (struct range){from, to};
  }
  pthread_mutex_unlock(&lock);
  errno = saved;
}

static void carry(int from, int to, struct range range) {
  static char buffer[1 << 20];
  while (range.from < range.to) {
    size_t wanted = range.to - range.from > (off_t)sizeof buffer ? sizeof buffer : (size_t)(range.to - range.from);
    ssize_t got = pread(from, buffer, wanted, range.from);
    must(got >= 0, "reading what is to be flushed");
    if (got == 0) return;
    must(real_pwrite(to, buffer, (size_t)got, range.from) == got, "writing the platter");
    range.from += got;
  }
}

static void flush_file(int fd, struct file *file) {
  char path[PATH_MAX], self[64];
  struct stat found;
  // Closing a second descriptor would free the locks of the process on the file: only one that cannot be read needs it.
  int readable = fd, is_write_only = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  if (is_write_only) readable = real_open(self, O_RDONLY | O_CLOEXEC);
  inode_path(path, sizeof path, file->inode);
  int to = real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  must(readable >= 0 && to >= 0 && fstat(fd, &found) == 0, "opening the platter");
  for (size_t at = 0; at < file->count; at += 1) carry(readable, to, file->ranges[at]);
  must(real_ftruncate(to, found.st_size) == 0, "cutting the platter");
  file->count = 0;
  real_close(to);
  if (is_write_only) real_close(readable);
}

/** Carries the names of one folder: those that are there, and that others are no longer. */
static void flush_folder(const char *folder) {
  char there[PATH_MAX * 2], here[PATH_MAX * 2], content[PATH_MAX];
  struct stat found, known;
  struct dirent *entry;
  snprintf(there, sizeof there, "%s/name%s", platter, folder);
  mkdir(there, 0700);
  snprintf(here, sizeof here, "%s%s", live, folder);
  DIR *names = opendir(here);
  must(names != NULL, "reading a folder");
  while ((entry = readdir(names)) != NULL) {
    snprintf(here, sizeof here, "%s%s/%s", live, folder, entry->d_name);
    if (lstat(here, &found) != 0 || !S_ISREG(found.st_mode)) continue;
    snprintf(there, sizeof there, "%s/name%s/%s", platter, folder, entry->d_name);
    inode_path(content, sizeof content, found.st_ino);
    int made = real_open(content, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    must(made >= 0 && fstat(made, &found) == 0, "an empty file on the platter");
    real_close(made);
    if (lstat(there, &known) == 0 && known.st_ino == found.st_ino) continue;
    unlink(there);
    must(link(content, there) == 0, "naming a file on the platter");
  }
  closedir(names);
  snprintf(there, sizeof there, "%s/name%s", platter, folder);
  names = opendir(there);
  must(names != NULL, "reading the platter");
  while ((entry = readdir(names)) != NULL) {
    snprintf(here, sizeof here, "%s%s/%s", live, folder, entry->d_name);
    if (lstat(here, &found) == 0) continue;
    snprintf(there, sizeof there, "%s/name%s/%s", platter, folder, entry->d_name);
    unlink(there);
  }
  closedir(names);
}

static int flush(int fd) {
  if (fd < 0 || fd >= DESCRIPTORS_MAX || (opened[fd] == NULL && folders[fd][0] == '\0')) return 0;
  int saved = errno;
  if (flush_us > 0) usleep(flush_us);
  if (opened[fd] != NULL && fails('e', opened[fd]->name)) {
    pthread_mutex_lock(&lock);
    opened[fd]->count = 0;
    pthread_mutex_unlock(&lock);
    return refuse(EIO);
  }
  pthread_mutex_lock(&lock);
  if (opened[fd] != NULL && !opened[fd]->lies) flush_file(fd, opened[fd]);
  if (opened[fd] == NULL) flush_folder(strcmp(folders[fd], "/") == 0 ? "" : folders[fd]);
  pthread_mutex_unlock(&lock);
  errno = saved;
  return 0;
}

int fsync(int fd) { return flush(fd); }
int fdatasync(int fd) { return flush(fd); }

static int open_tracked(int at, const char *path, int flags, mode_t mode) {
  int is_new = will_be_new(at, path, flags);
  return track(real_openat(at, path, flags, mode), flags, is_new);
}

static mode_t mode_in(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 ? (mode_t)va_arg(rest, int) : 0;
}

#define OPENING(name)                                    \
  int name(const char *path, int flags, ...) {           \
    va_list rest;                                        \
    va_start(rest, flags);                               \
    mode_t mode = mode_in(flags, rest);                  \
    va_end(rest);                                        \
    return open_tracked(AT_FDCWD, path, flags, mode);    \
  }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                 \
  int name(int at, const char *path, int flags, ...) {   \
    va_list rest;                                        \
    va_start(rest, flags);                               \
    mode_t mode = mode_in(flags, rest);                  \
    va_end(rest);                                        \
    return open_tracked(at, path, flags, mode);          \
  }
OPENING_AT(openat)
OPENING_AT(openat64)

int close(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS_MAX) {
    opened[fd] = NULL;
    folders[fd][0] = '\0';
  }
  return real_close(fd);
}

/** What keeps a write of so many bytes from happening now, as an errno; 0 if nothing does. */
static int obstacle(int fd, off_t to) {
  if (fd < 0 || fd >= DESCRIPTORS_MAX || opened[fd] == NULL) return 0;
  struct stat found;
  if (fails('r', opened[fd]->name)) return EROFS;
  return fails('n', opened[fd]->name) && fstat(fd, &found) == 0 && to > found.st_size ? ENOSPC : 0;
}

static size_t length_of(const struct iovec *parts, int count) {
  size_t length = 0;
  for (int at = 0; at < count; at += 1) length += parts[at].iov_len;
  return length;
}

static ssize_t written_at(int fd, ssize_t wrote, off_t from) {
  if (wrote > 0) soil(fd, from, from + wrote);
  return wrote;
}

/** A write at the descriptor's own place, which it has left behind. */
static ssize_t written(int fd, ssize_t wrote) {
  if (wrote <= 0 || fd < 0 || fd >= DESCRIPTORS_MAX || opened[fd] == NULL) return wrote;
  return written_at(fd, wrote, lseek(fd, 0, SEEK_CUR) - wrote);
}

static int obstacle_here(int fd, size_t length) {
  if (fd < 0 || fd >= DESCRIPTORS_MAX || opened[fd] == NULL) return 0;
  return obstacle(fd, lseek(fd, 0, SEEK_CUR) + (off_t)length);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  int why = obstacle_here(fd, count);
  return why != 0 ? refuse(why) : written(fd, real_write(fd, bytes, count));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  int why = obstacle_here(fd, length_of(parts, count));
  return why != 0 ? refuse(why) : written(fd, real_writev(fd, parts, count));
}

static ssize_t put(int fd, const void *bytes, size_t count, off_t at) {
  int why = obstacle(fd, at + (off_t)count);
  return why != 0 ? refuse(why) : written_at(fd, real_pwrite(fd, bytes, count, at), at);
}

static ssize_t put_parts(int fd, const struct iovec *parts, int count, off_t at) {
  int why = obstacle(fd, at + (off_t)length_of(parts, count));
  return why != 0 ? refuse(why) : written_at(fd, real_pwritev(fd, parts, count, at), at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return put(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) { return put(fd, bytes, count, at); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return put_parts(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return put_parts(fd, parts, count, at); }

static int cut(int fd, off_t size) {
  struct stat found;
  if (fstat(fd, &found) != 0) return -1;
  int why = obstacle(fd, size);
  if (why != 0) return refuse(why);
  int outcome = real_ftruncate(fd, size);
  if (outcome == 0) soil(fd, size < found.st_size ? size : found.st_size, size < found.st_size ? found.st_size : size);
  return outcome;
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off_t size) { return cut(fd, size); }
