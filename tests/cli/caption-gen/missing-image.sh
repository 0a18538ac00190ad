caption-gen --out captions none.png
