# Records in a list keep their ids; white space around a line, and a byte order mark, are none of it.
shapes-world scenes --count 3 --out s >/dev/null
{
  printf '\xEF\xBB\xBF  {"id":"mine","image":"s/scene-00000.png"} \n'
  echo '  '
  echo '{"image":"s/scene-00001.png"}'
  echo ' s/scene-00002.png '
} >list
caption-gen --out captions - <list
jq -r .id captions
