# The number of threads changes nothing, and what comes before a bad record is written.
shapes-world scenes --count 300 --out s >records
shapes-world detect --threads 1 <records >one
shapes-world detect --threads 3 <records | cmp - one && echo same
shapes-world detect --threads 3 --images s | wc -l
{ head -n 2 records; echo 'no record'; } | shapes-world detect --threads 3 | wc -l
