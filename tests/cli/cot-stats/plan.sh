# Of a chain with boxes the prose is counted, not its marks and numbers.
cat >r.jsonl <<'END'
{"id":"a","group_id":"a","prompt":"x","cot":"There is <|obj_start|>a red circle<|obj_end|> <|box_start|>(100,200),(400,500)<|box_end|> here.","finish":"stop"}
END
cot-stats <r.jsonl
