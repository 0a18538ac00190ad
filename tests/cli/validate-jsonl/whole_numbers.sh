# 2.0 is an integer in draft-07, and so is what 64 bits do not hold.
echo '{"properties":{"n":{"type":"integer","minimum":0}}}' > s.json
printf '{"n":%s}\n' 2.0 0e0 18446744073709551615 123456789012345678901234567890 | validate-jsonl --schema s.json
printf '{"n":%s}\n' 2.5 -123456789012345678901234567890 | validate-jsonl --schema s.json
