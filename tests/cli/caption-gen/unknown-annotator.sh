caption-gen --annotator shape --out captions s
