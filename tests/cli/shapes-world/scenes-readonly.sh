# A folder that cannot be made.
touch file
shapes-world scenes --count 1 --out file/s
