# Spaces, other scripts, sub-folders, upper case; a name that is not UTF-8 is a bad record.
shapes-world scenes --count 1 --out s >/dev/null
mkdir -p "d/sub folder"
cp s/scene-00000.png "d/sub folder/a b.PNG"
cp s/scene-00000.png d/$'\u5706.png'
cp s/scene-00000.png d/$'\xE9.png'
shapes-world detect --max-bad 1 --images d | sed 's/"detections".*//'
