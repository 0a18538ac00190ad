#include "reward/janus_judge_model.h"

#include <cstdlib>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/file.h"
#include "base/subprocess.h"
#include "http/chat.h"
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
    std::vector<size_t> asked;  // which of them, in order
    std::string readable;       // a rollout's inquiries come one after another, most often about one picture
    for (size_t i = 0; i < inquiries.size(); ++i) {
      if (inquiries[i].path != readable && !can_be_seen(inquiries[i], replies[i])) continue;
      readable = inquiries[i].path;
      asked.push_back(i);
    }
    if (asked.empty()) return replies;
    Scratch scratch;
    size_t sent = 0, answered = 0;
    base::run_filter(
        command(inquiries),
        [&](std::string& out) {
          if (sent == asked.size()) return false;
          const Inquiry& inquiry = inquiries[asked[sent]];
          record::PictureQuestion question{cat(sent), inquiry.path, inquiry.text};
          if (inquiry.path.empty() && inquiry.picture) question.image = scratch.write(question.id, inquiry.picture());
          ++sent;
          out += question.str() + "\n";
          return true;
        },
        [&](std::string_view line) {
          if (base::trim(line).empty()) return;
          const base::Location at{cat("answers of ", options_.policy), static_cast<int64_t>(answered) + 1};
          const auto answer = record::PictureAnswer::parse(jsonl::Object::parse(line, at));
          if (answered == asked.size() || answer.id != cat(answered)) base::fail(cat(at.str(), ": not the next question's"));
          take(inquiries[asked[answered]], answer, replies[asked[answered]]);
          ++answered;
        });
    if (answered < asked.size()) {
      base::fail(cat(options_.policy, ": ", answered, " answers to ", asked.size(), " questions"));
    }
    return replies;
  }

 private:
  // A picture that cannot be read is its record's fault, and would end the program that answers.
  static bool can_be_seen(const Inquiry& inquiry, JudgeReply& reply) {
    if (inquiry.path.empty()) return true;
    try {
      image::read(inquiry.path);
      return true;
    } catch (const base::RecordError& e) {
      reply.problem = e.what();
      reply.bad_record = true;
      return false;
    }
  }

  std::string command(const std::vector<Inquiry>& inquiries) const {
    int64_t longest = 1;
    bool words_asked = false;  // a tokenizer may have no words for yes and no, and need none
    for (const Inquiry& inquiry : inquiries) {
      if (inquiry.yes_or_no) words_asked = true;
      else longest = std::max(longest, inquiry.max_tokens);
    }
    std::vector<std::string> words = {
        base::sibling_program("janus-answer"), "--quiet", "--policy", options_.policy, "--device", options_.device, "--dtype",
        options_.dtype, "--threads", cat(options_.threads), "--max-tokens", cat(longest)};
    if (words_asked) words.insert(words.end(), {"--words", "yes", "--words", "no"});
    if (options_.system) words.insert(words.end(), {"--system", *options_.system});
    std::string text;
    for (const auto& word : words) text += cat(text.empty() ? "" : " ", base::shell_quote(word));
    return text;
  }

  static void take(const Inquiry& inquiry, const record::PictureAnswer& answer, JudgeReply& reply) {
    reply.text = answer.text;
    if (inquiry.yes_or_no) {
      reply.yes = http::share_of_yes(answer.yes, answer.no);
      if (!reply.yes) reply.problem = cat("neither yes nor no is likely: ", base::quote(answer.text, 40));
    } else if (inquiry.objection) {
      reply.problem = inquiry.objection(answer.text, answer.cut);
      if (!reply.problem.empty() && answer.cut) reply.problem += " (it was cut)";
    }
  }

  JanusJudgeOptions options_;
};

}  // namespace

std::unique_ptr<JudgeModel> make_janus_judge_model(const JanusJudgeOptions& options) {
  return std::make_unique<JanusJudgeModel>(options);
}

}  // namespace easel::reward
