# Parts that stay as they are, by our names and by the checkpoints' own; those that this program never trains among them.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out q --steps 1 --batch 2 --freeze vision_tower --freeze aligner --freeze gen_vision_model --freeze gen_embed --freeze gen_aligner \
  --freeze gen_head --quiet < b.jsonl > /dev/null
for tensor in generation_embeddings.weight generation_aligner.fc1.weight generation_head.vision_head.weight language_model.norm.weight; do
  cmp -s <(shard-cat p/model.safetensors --tensor model.$tensor --json) <(shard-cat q/model.safetensors --tensor model.$tensor --json) &&
    echo "$tensor: as it was" || echo "$tensor: trained"
done
cot-sft --policy p --out r --steps 1 --batch 2 --freeze gen_vision < b.jsonl; echo "exit $?"
