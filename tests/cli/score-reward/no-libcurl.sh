# Only who names an endpoint needs libcurl.
export LD_LIBRARY_PATH=$PWD
touch libcurl.so.4
score-reward --help | head -1
score-reward --expert orm --endpoint https://judge.example/v1 --judge-model m </dev/null
