#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/signals.h"

namespace easel::base {

namespace {

constexpr size_t kMaxLine = size_t{256} << 20;
constexpr size_t kInputChunk = size_t{64} << 10;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read_end, write_end;
  Pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) fail_errno("cannot make a pipe", errno);
    read_end = Descriptor(fds[0]);
    write_end = Descriptor(fds[1]);
  }
};

// SIGPIPE is at its default action in this program; while this lives, writing to a pipe that nobody
// reads fails with EPIPE in this thread instead of ending the program.
class SigpipeBlocked {
 public:
  SigpipeBlocked() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &old_);
  }
  ~SigpipeBlocked() {
    const timespec now{0, 0};
    while (sigtimedwait(&pipe_, nullptr, &now) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &old_, nullptr);
  }
  const sigset_t& old() const { return old_; }

 private:
  sigset_t pipe_, old_;
};

// The running command, in a process group of its own so that all of a shell pipeline can be
// stopped. It does not outlive this object.
class Child {
 public:
  Child(const std::string& command, int input, int output, const sigset_t& mask)
      : command_(command) {
    pid_ = ::fork();
    if (pid_ < 0) fail_errno("cannot start a process", errno);
    if (pid_ == 0) {
      ::setpgid(0, 0);
      pthread_sigmask(SIG_SETMASK, &mask, nullptr);
      std::signal(SIGINT, SIG_DFL);
      std::signal(SIGTERM, SIG_DFL);
      ::dup2(input, 0);
      ::dup2(output, 1);
      ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::setpgid(pid_, pid_);
  }
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGTERM);
    for (int i = 0; i < 100; ++i) {  // two seconds to leave by itself
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) return;
      ::usleep(20000);
    }
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) {
      if (errno != EINTR) fail_errno(cat("cannot wait for ", quote(command_)), errno);
      throw_if_stopped();
    }
    pid_ = 0;
    if (WIFSIGNALED(status)) {
      fail(cat("command ", quote(command_), " was stopped by signal ", WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
      fail(cat("command ", quote(command_), " failed with exit code ", WEXITSTATUS(status)));
    }
  }

 private:
  std::string command_;
  pid_t pid_ = 0;
};

// Passes on the whole lines in `text` and keeps the rest.
void take_lines(std::string& text, const std::function<void(std::string_view)>& on_line) {
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    on_line(std::string_view(text).substr(begin, end - begin));
  }
  text.erase(0, begin);
}

}  // namespace

void run_filter(const std::string& command, const std::function<bool(std::string&)>& next_input,
                const std::function<void(std::string_view)>& on_line) {
  const SigpipeBlocked blocked;
  Pipe to, from;
  Child child(command, to.read_end.get(), from.write_end.get(), blocked.old());
  to.read_end.reset();
  from.write_end.reset();
  ::fcntl(to.write_end.get(), F_SETFL, O_NONBLOCK);

  std::string input, output;
  bool more = true;
  char buffer[1 << 16];
  while (from.read_end.open()) {
    throw_if_stopped();
    while (more && to.write_end.open() && input.size() < kInputChunk) more = next_input(input);
    if (!more && input.empty()) to.write_end.reset();
    pollfd wanted[2] = {{from.read_end.get(), POLLIN, 0}, {to.write_end.get(), POLLOUT, 0}};
    // The timeout only bounds how late a stop is noticed that came just before the call.
    if (::poll(wanted, to.write_end.open() ? 2 : 1, 1000) < 0) {
      if (errno == EINTR) continue;
      fail_errno("cannot wait for a pipe", errno);
    }
    if (to.write_end.open() && wanted[1].revents != 0) {
      const ssize_t written = ::write(to.write_end.get(), input.data(), input.size());
      if (written >= 0) {
        input.erase(0, static_cast<size_t>(written));
      } else if (errno == EPIPE) {
        to.write_end.reset();
      } else if (errno != EAGAIN && errno != EINTR) {
        fail_errno(cat("cannot write to ", quote(command)), errno);
      }
    }
    if (wanted[0].revents != 0) {
      const ssize_t got = ::read(from.read_end.get(), buffer, sizeof buffer);
      if (got == 0) from.read_end.reset();
      if (got < 0 && errno != EINTR) fail_errno(cat("cannot read from ", quote(command)), errno);
      if (got > 0) output.append(buffer, static_cast<size_t>(got));
      take_lines(output, on_line);
      if (output.size() > kMaxLine) fail(cat(quote(command), " wrote a line longer than 256 MiB"));
    }
  }
  to.write_end.reset();
  child.wait();
  if (!output.empty()) on_line(output);
}

std::string shell_quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string sibling_program(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) fail(cat("cannot find where this program stands: ", error.message()));
  const auto path = self.parent_path() / name;
  if (!std::filesystem::exists(path)) fail(cat(path.string(), " is missing; it comes with this program"));
  return path.string();
}

}  // namespace easel::base
