#include "reward/endpoint_judge_model.h"

#include "base/error.h"
#include "image/draw.h"

namespace easel::reward {

namespace {

constexpr int64_t kWordsOfYes = 4;  // a model may begin with a new line

class EndpointJudgeModel : public JudgeModel {
 public:
  explicit EndpointJudgeModel(const EndpointOptions& options) : options_(options), client_(judging(options.client)) {
    if (options.model.empty()) base::fail_usage("--judge-model: expected the name of a model that the endpoint serves");
  }

  std::vector<JudgeReply> ask(const std::vector<Inquiry>& inquiries) override {
    std::vector<JudgeReply> replies(inquiries.size());
    size_t next = 0;
    Sent last;
    client_.run([&]() -> std::optional<http::Question> {
      while (next < inquiries.size()) {
        const Inquiry& inquiry = inquiries[next];
        JudgeReply& reply = replies[next++];
        try {
          return question(inquiry, reply, last);
        } catch (const base::RecordError& e) {  // its picture
          reply.problem = e.what();
          reply.bad_record = true;
        }
      }
      return std::nullopt;
    });
    return replies;
  }

  std::string summary() const override { return client_.usage().line(); }

 private:
  // A judge that can score nothing, of a server without log-probs, is to end a run, not to let it learn nothing.
  static http::ClientOptions judging(http::ClientOptions options) {
    options.one_of_use = true;
    return options;
  }
  // The picture as it is sent. A rollout's inquiries come one after another, most often about one picture.
  struct Sent {
    std::string path, png;
  };
  const std::string& sent_picture(const Inquiry& inquiry, Sent& last) const {
    if (inquiry.path.empty() || inquiry.path != last.path) {
      last = {};  // also when the next is found to be damaged
      const image::Image sent = image::fit_within(inquiry.picture(), static_cast<int>(options_.picture_size));
      last = {inquiry.path, image::encode_png(sent)};
    }
    return last.png;
  }

  // Its reply goes into `reply`, which outlives the run.
  http::Question question(const Inquiry& inquiry, JudgeReply& reply, Sent& last) const {
    http::Question q;
    q.request.model = options_.model;
    q.request.system = options_.system;
    q.request.temperature = options_.temperature;
    q.request.max_tokens = inquiry.yes_or_no ? kWordsOfYes : inquiry.max_tokens;
    q.request.top_logprobs = inquiry.yes_or_no ? 20 : 0;
    q.request.schema_name = inquiry.schema_name;
    q.request.schema = inquiry.schema;
    if (inquiry.picture) q.request.parts.push_back(http::Part::of_picture(sent_picture(inquiry, last), "image/png"));
    q.request.parts.push_back(http::Part::of_text(inquiry.text));
    if (inquiry.yes_or_no) {
      q.objection = [](const http::ChatReply& r) {
        if (r.tokens.empty()) return std::string("the answer has no logprobs");
        return http::probability_of_yes(r) ? std::string() : base::cat("neither yes nor no is likely: ", base::quote(r.text, 40));
      };
    } else if (inquiry.objection) {
      q.objection = [&inquiry](const http::ChatReply& r) {
        const std::string objection = inquiry.objection(r.text, r.cut);
        return !objection.empty() && r.cut ? objection + " (it was cut)" : objection;
      };
    }
    q.done = [&inquiry, &reply](std::optional<http::ChatReply> r, const std::string& problem) {
      reply.problem = problem;
      if (!r) return;
      reply.text = std::move(r->text);
      if (inquiry.yes_or_no) reply.yes = http::probability_of_yes(*r);
    };
    return q;
  }

  EndpointOptions options_;
  http::ChatClient client_;
};

}  // namespace

std::unique_ptr<JudgeModel> make_endpoint_judge_model(const EndpointOptions& options) {
  return std::make_unique<EndpointJudgeModel>(options);
}

}  // namespace easel::reward
