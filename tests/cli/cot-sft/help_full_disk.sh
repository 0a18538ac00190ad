cot-sft --help > /dev/full
