echo '{"id":"a","image":"none.png"}' | shapes-world detect
