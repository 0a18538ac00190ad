"""Grades by the kind of question, for chat_server.py --rule file:grades.py."""


def answer(request):
    content = request["messages"][-1]["content"]
    pictures = 0 if isinstance(content, str) else sum(p["type"] == "image_url" for p in content)
    text = content if isinstance(content, str) else "".join(p.get("text", "") for p in content)
    if text.startswith("A picture is planned") and pictures == 0:
        return 'Well. {"reason": "short", "score": 4}'
    if text.startswith("The picture is a sketch") and pictures == 1:
        return "The boxes fit.\nScore: 8/10"
    if text.startswith("Grade how well") and pictures == 1:
        return '```json\n{"score": "6"}\n```'
    return "I do not know."
