# Each bad record is reported with its line; the rest goes through.
shapes-world scenes --count 1 --out s >/dev/null
head -c 150 s/scene-00000.png >cut.png
echo hello >text.png
: >empty.png
{
  echo '{"id":"a","image":"s/scene-00000.png","kept":1e-7}'
  echo '{"id":"b","image":"cut.png"}'
  echo '{"id":"c","image":"text.png"}'
  echo '{"id":"d","image":"empty.png"}'
  echo '{"id":"e"}'
  echo '{"id":"f","image":"s"}'
  echo 'not json'
  echo '{"id":"g","image":"s/scene-00000.png"}'
} >records
shapes-world detect --max-bad 6 <records | sed 's/"detections".*//'
