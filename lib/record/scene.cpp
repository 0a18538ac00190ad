#include "record/scene.h"

#include <nlohmann/json.hpp>

namespace easel::record {

using jsonl::Json;

DrawnScene DrawnScene::parse(const jsonl::Object& record) {
  DrawnScene scene;
  scene.id = record.string("id");
  scene.image = record.string("image");
  scene.prompt = record.string("prompt");
  const Json objects = record.json("objects");
  if (!objects.is_array()) record.fail("field \"objects\": expected an array");
  for (const Json& item : objects) {
    try {
      const Json& box = item.at("box");
      scene.objects.push_back({item.at("class"),
                               item.at("color"),
                               item.at("cell"),
                               {box.at(0), box.at(1), box.at(2), box.at(3)}});
    } catch (const nlohmann::json::exception&) {
      record.fail("field \"objects\": expected {class, color, cell, box: [x1,y1,x2,y2]}");
    }
  }
  return scene;
}

void DrawnScene::write(jsonl::Object& record) const {
  record.set("id", id);
  record.set("image", image);
  record.set("prompt", prompt);
  Json list = Json::array();
  for (const auto& o : objects) {
    list.push_back({{"class", o.class_name},
                    {"color", o.color},
                    {"cell", o.cell},
                    {"box", {o.box.x1, o.box.y1, o.box.x2, o.box.y2}}});
  }
  record.set_json("objects", list);
}

}  // namespace easel::record
