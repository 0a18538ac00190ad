shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
eval-geneval --quiet --detector shapes --options clip_model=ViT-B-32 <r.jsonl | wc -l
