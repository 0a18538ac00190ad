"""Annotations for chat_server.py --rule file:captions.py: a function of the picture, after a moment's thought."""
import base64
import hashlib
import json
import time


def answer(request):
    time.sleep(0.004)
    content = request["messages"][-1]["content"]
    picture = next(p["image_url"]["url"] for p in content if p["type"] == "image_url")
    text = "".join(p.get("text", "") for p in content)
    name = hashlib.sha256(base64.b64decode(picture.split(",", 1)[1])).hexdigest()[:12]
    if "Write a plan" in text:
        x = int(name[:2], 16)
        return f"A plan: <|obj_start|>thing {name}<|obj_end|> <|box_start|>({x},{x}),({x + 500},{x + 400})<|box_end|> on grey."
    return "Here you are.\n" + json.dumps({
        "brief_caption": f"a thing {name}", "detailed_caption": f"There is a thing {name}. It is on grey.",
        "augmented_prompts": {"paraphrases": [f"one {name}", f"some {name}"], "tags": f"{name}, grey"},
        "augmented_cots": {"step_by_step": "Grey first."},
    })
