#include "text/templates.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace easel::text {
namespace {

TEST(ChatFormat, Wraps) {
  EXPECT_EQ(wrap_chat(ChatFormat::kJanus, "a dog"), "<|User|>: a dog\n\n<|Assistant|>:");
  EXPECT_EQ(wrap_chat(ChatFormat::kT2iR1, "a dog"), "User: a dog\n\nAssistant:");
  EXPECT_EQ(wrap_chat(ChatFormat::kNone, "a dog"), "a dog");
  EXPECT_EQ(wrap_chat(ChatFormat::kJanus, "a", "Be brief."),
            "Be brief.\n\n<|User|>: a\n\n<|Assistant|>:");
}

TEST(ChatFormat, Names) {
  for (const char* name : {"janus", "t2i-r1", "none"}) {
    EXPECT_EQ(chat_format_name(parse_chat_format(name)), name);
  }
  try {
    parse_chat_format("llama");
    FAIL();
  } catch (const base::UsageError& error) {
    EXPECT_STREQ(error.what(), "no chat format \"llama\"; expected one of janus, t2i-r1, none");
  }
}

TEST(Template, Names) {
  EXPECT_EQ(apply_template(resolve_template("plain"), "a dog."), "a dog.");
  EXPECT_EQ(apply_template(resolve_template("reasongen-r1"), "a dog."),
            "a dog. Output a richly detailed prompt: ");
  EXPECT_EQ(apply_template(resolve_template("reasongen-r1-rl"), "a dog"),
            "A photo of a dog. Output a richly detailed prompt: ");
  EXPECT_EQ(apply_template(resolve_template("got-r1"), "a dog."),
            "Follow the caption to generate an image through a chain of thought process: a dog.");
  EXPECT_EQ(resolve_template("draw {}!"), "draw {}!");
  EXPECT_THROW(resolve_template("draw"), base::UsageError);
  EXPECT_THROW(resolve_template("{} and {}"), base::UsageError);
}

TEST(Template, OneSlotAndOnePeriod) {
  EXPECT_EQ(apply_template("{}!", "wait..."), "wait..!");
  EXPECT_EQ(apply_template("{}.", "{}"), "{}.");
  EXPECT_EQ(apply_template("{}.", ""), ".");
  EXPECT_THROW(apply_template("no place", "x"), base::Error);
  EXPECT_THROW(apply_template("{} {}", "x"), base::Error);
  EXPECT_THROW(apply_template("", "x"), base::Error);
}

}  // namespace
}  // namespace easel::text
