#include "reward/janus_judge_model.h"

#include <cstdlib>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/file.h"
#include "base/subprocess.h"
#include "image/image.h"
#include "record/answer.h"

namespace easel::reward {

using base::cat;

namespace {

// Pictures that no file holds, for as long as the other program reads them.
class Scratch {
 public:
  ~Scratch() {
    std::error_code error;
    if (!folder_.empty()) base::fs::remove_all(folder_, error);
  }
  std::string write(const std::string& name, const image::Image& picture) {
    if (folder_.empty()) {
      std::string path = (base::fs::temp_directory_path() / "easel-judge-XXXXXX").string();
      if (::mkdtemp(path.data()) == nullptr) base::fail_errno(cat("cannot create ", path), errno);
      folder_ = path;
    }
    const base::fs::path file = folder_ / (name + ".png");
    image::write_png(file, picture);
    return file.string();
  }

 private:
  base::fs::path folder_;
};

class JanusJudgeModel : public JudgeModel {
 public:
  explicit JanusJudgeModel(const JanusJudgeOptions& options) : options_(options) {}

  std::vector<JudgeReply> ask(const std::vector<Inquiry>& inquiries) override {
    std::vector<JudgeReply> replies(inquiries.size());
    if (inquiries.empty()) return replies;
    int64_t longest = 1;
    for (const Inquiry& inquiry : inquiries) {
      if (!inquiry.yes_or_no) longest = std::max(longest, inquiry.max_tokens);
    }
    Scratch scratch;
    size_t asked = 0, answered = 0;
    base::run_filter(
        command(longest),
        [&](std::string& out) {
          if (asked == inquiries.size()) return false;
          const Inquiry& inquiry = inquiries[asked];
          record::PictureQuestion question{cat(asked), inquiry.path, inquiry.text};
          if (inquiry.path.empty() && inquiry.picture) question.image = scratch.write(question.id, inquiry.picture());
          ++asked;
          out += question.str() + "\n";
          return true;
        },
        [&](std::string_view line) {
          if (base::trim(line).empty()) return;
          const base::Location at{cat("answers of ", options_.policy), static_cast<int64_t>(answered) + 1};
          const auto answer = record::PictureAnswer::parse(jsonl::Object::parse(line, at));
          if (answered == inquiries.size() || answer.id != cat(answered)) base::fail(cat(at.str(), ": not the next question's"));
          take(inquiries[answered], answer, replies[answered]);
          ++answered;
        });
    if (answered < inquiries.size()) {
      base::fail(cat(options_.policy, ": ", answered, " answers to ", inquiries.size(), " questions"));
    }
    return replies;
  }

 private:
  std::string command(int64_t longest) const {
    std::vector<std::string> words = {
        base::sibling_program("janus-answer"), "--quiet", "--policy", options_.policy, "--device", options_.device, "--dtype",
        options_.dtype, "--threads", cat(options_.threads), "--max-tokens", cat(longest), "--words", "yes", "--words", "no"};
    if (options_.system) words.insert(words.end(), {"--system", *options_.system});
    std::string text;
    for (const auto& word : words) text += cat(text.empty() ? "" : " ", base::shell_quote(word));
    return text;
  }

  static void take(const Inquiry& inquiry, const record::PictureAnswer& answer, JudgeReply& reply) {
    reply.text = answer.text;
    if (inquiry.yes_or_no) {
      if (answer.yes + answer.no > 0) {
        reply.yes = answer.yes / (answer.yes + answer.no);
      } else {
        reply.problem = "neither yes nor no is likely";
      }
    } else if (inquiry.objection) {
      reply.problem = inquiry.objection(answer.text, false);
    }
  }

  JanusJudgeOptions options_;
};

}  // namespace

std::unique_ptr<JudgeModel> make_janus_judge_model(const JanusJudgeOptions& options) {
  return std::make_unique<JanusJudgeModel>(options);
}

}  // namespace easel::reward
