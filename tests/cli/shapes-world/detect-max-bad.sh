echo '{"id":"a","image":"x.png"}' >records
echo '{"id":"b","image":"y.png"}' >>records
shapes-world detect --max-bad 1 --output found <records
code=$?
ls
exit $code
