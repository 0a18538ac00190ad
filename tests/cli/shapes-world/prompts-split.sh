# No string is in both splits, whatever the seeds.
text() { sed -E 's/.*"prompt":"([^"]*)".*/\1/'; }
for seed in 1 2 3; do
  shapes-world prompts --split test --count 2000 --seed $seed | text >>test
  shapes-world prompts --split train --count 5000 --seed $seed | text >>train
done
shapes-world scenes --count 500 --out s | text >>train
sort -u test >a
sort -u train >b
comm -12 a b | wc -l
