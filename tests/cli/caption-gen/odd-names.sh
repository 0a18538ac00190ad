# Spaces, quotes, other scripts, line breaks, sub-folders; a name that is not UTF-8 is a bad image.
shapes-world scenes --count 1 --out s >/dev/null
mkdir -p 'd/sub folder'
cp s/scene-00000.png "d/sub folder/it's \"quoted\".png"
cp s/scene-00000.png d/$'\u5706.png'
cp s/scene-00000.png d/$'two\nlines.png'
cp s/scene-00000.png d/$'\xE9.png'
cp s/scene-00000.png d/-dash.v2.PNG
caption-gen --max-bad 1 --out captions d
sed 's/,"brief_caption.*//' captions
