echo '{"id":"a","group_id":"a","group_size":1,"index":0,"prompt":"a red star","cot":"","image":"p.png","finish":"stop"}' | score-reward --expert orm:janus:nowhere
