#include "report/samples.h"

#include <algorithm>
#include <set>

#include "image/draw.h"
#include "image/image.h"
#include "record/image_ref.h"
#include "report/ticks.h"

namespace easel::report {

using base::cat;

namespace {

constexpr size_t kKept = 16, kVersions = 8, kShown = 6;
constexpr size_t kShortCot = 90;   // bytes of a chain shown before the reader opens it
constexpr int kMaxPixels = 256;    // larger pictures are shrunk: the page carries them all
constexpr int kSmallPixels = 160;  // smaller ones are enlarged by the reader, with hard edges

std::string picture(const Sample& sample, const std::string& root, jsonl::BadRecords& bad) {
  if (sample.image.empty()) return "<div class=\"none\">no image</div>";
  try {
    image::Image img = image::read(record::resolve_path(sample.image, root));
    const bool small = std::max(img.width, img.height) < kSmallPixels;
    const int largest = std::max(img.width, img.height);
    if (largest > kMaxPixels) {
      img = image::resize(img, std::max(1, img.width * kMaxPixels / largest),
                          std::max(1, img.height * kMaxPixels / largest));
    }
    return cat("<img", small ? " class=\"small\"" : "", " alt=\"", escape_html(sample.prompt),
               "\" src=\"", png_data_url(image::encode_png(img)), "\">");
  } catch (const base::Error& e) {
    bad.add(base::RecordError(cat(sample.at.str(), ": ", e.what())));
    return "<div class=\"none\">image not readable</div>";
  }
}

std::string card(const Sample& sample, const std::string& root, jsonl::BadRecords& bad) {
  std::string out =
      cat("<div class=\"sample\">", picture(sample, root, bad), "<div class=\"text\">");
  if (sample.reward) out += cat("<span class=\"reward\">", short_number(*sample.reward), "</span>");
  out += cat("<b>", escape_html(sample.prompt), "</b>");
  const std::string& cot = sample.cot;
  if (cot.size() > kShortCot + kShortCot / 4) {
    size_t cut = kShortCot;
    while (cut > 0 && (static_cast<unsigned char>(cot[cut]) & 0xC0) == 0x80) --cut;
    out += cat("<details><summary>", escape_html(cot.substr(0, cut)), "...</summary>", "<span>",
               escape_html(cot), "</span></details>");
  } else if (!cot.empty()) {
    out += cat("<span class=\"cot\">", escape_html(cot), "</span>");
  }
  return out + "</div></div>\n";
}

}  // namespace

int64_t read_samples(const std::string& path, jsonl::BadRecords& bad, SampleStrip* strip) {
  int64_t count = 0;
  jsonl::LineReader reader(path);
  jsonl::for_each(reader, bad, [&](jsonl::Object& fields) {
    record::Rollout r = record::Rollout::parse(fields);
    ++count;
    SampleStrip::Version& version = strip->versions[r.policy_version];
    ++version.rollouts;
    if (r.reward) {
      ++version.scored;
      version.reward_sum += *r.reward;
    }
    if (version.samples.size() < kKept && version.groups.emplace(r.group_id, true).second) {
      version.samples.push_back({r.prompt, r.cot, r.image, r.reward, fields.at()});
    }
  });
  return count;
}

void add_samples(const SampleStrip& strip, const std::string& root, jsonl::BadRecords& bad,
                 Page* page) {
  if (strip.versions.empty()) return;
  std::vector<int64_t> all, chosen;
  for (const auto& [version, entry] : strip.versions) all.push_back(version);
  const size_t n = std::min(kVersions, all.size());
  for (size_t i = 0; i < n; ++i) {
    chosen.push_back(all[n == 1 ? all.size() - 1 : i * (all.size() - 1) / (n - 1)]);
  }
  std::map<std::string, int> shared;
  for (const int64_t version : chosen) {
    std::set<std::string> prompts;
    for (const auto& s : strip.versions.at(version).samples) prompts.insert(s.prompt);
    for (const auto& prompt : prompts) ++shared[prompt];
  }
  page->section(strip.label.empty() ? "Samples" : cat("Samples: ", strip.label));
  for (const int64_t version : chosen) {
    const SampleStrip::Version& entry = strip.versions.at(version);
    std::vector<Sample> samples = entry.samples;
    std::stable_sort(samples.begin(), samples.end(), [&](const Sample& a, const Sample& b) {
      return shared[a.prompt] > shared[b.prompt];
    });
    std::string heading = cat("Policy version ", version);
    if (entry.scored > 0) {
      heading += cat(", mean reward ",
                     base::format_fixed(entry.reward_sum / static_cast<double>(entry.scored), 3),
                     " over ", entry.scored, entry.scored == 1 ? " rollout" : " rollouts");
    }
    page->html(cat("<h3>", heading, "</h3>\n<div class=\"strip\">\n"));
    for (size_t i = 0; i < std::min(kShown, samples.size()); ++i) {
      page->html(card(samples[i], root, bad));
    }
    page->html("</div>\n");
  }
}

}  // namespace easel::report
