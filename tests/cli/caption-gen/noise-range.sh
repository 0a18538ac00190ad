caption-gen --noise 1.5 --out captions s
