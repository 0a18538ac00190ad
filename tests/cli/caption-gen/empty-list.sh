caption-gen --out captions -
