shapes-world scenes --count 1 --out s --quiet > /dev/null
echo '{"id":"a","group_id":"a","group_size":1,"index":0,"prompt":"a red star","cot":"","image":"s/scene-00000.png","finish":"stop"}' | score-reward --expert orm:janus:nowhere
