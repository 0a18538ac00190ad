# nano-base.mk: makes share/nano/base again from nothing: a Janus policy of 3.5 M parameters for the
# world of coloured shapes that draws from a plain caption and has never seen a chain of thought, as
# Janus-Pro is before any of the three papers touches it.
#
#   make -f pipelines/nano-base.mk            -> $(RUN)/base
#   make -f pipelines/nano-base.mk install    -> share/nano/base
#
# 30 min 51 s on two cores (AMD EPYC, Zen 4 class, 105 GFLOP/s a core) with builds beside it: 18 minutes for the image
# tokenizer, 1 for its tokens, 11 for the decoder. `check` found 9,994 of 10,000 new scenes
# right after encoding and decoding, 10,000 before. A killed run does not repeat finished stages, and both
# trainers go on from their last checkpoints.
include $(dir $(lastword $(MAKEFILE_LIST)))head.mk.inc

RUN ?= run/nano-base
# Scenes that the tokenizer and the decoder are trained on.
SCENES ?= 32000
VQ_STEPS ?= 3000
BASE_STEPS ?= 8000

.PHONY: base install check
base: $(RUN)/base.done

$(RUN)/scenes.jsonl:
	mkdir -p $(RUN)
	shapes-world scenes --count $(SCENES) --seed $(SEED)1 --out $(RUN)/scenes --output $@

# First without codes, then with k-means codes; edges and foreground weigh more than the plain
# background (NANO trials: without them colours come first and shapes late).
# A folder is there from the first checkpoint on; its .done says that it is finished.
$(RUN)/vq.done: $(RUN)/scenes.jsonl
	vq-train --images $(RUN)/scenes --preset nano --steps $(VQ_STEPS) --batch 16 --lr 2e-3 \
	  --edge-weight 1 --foreground-weight 5 --seed $(SEED) --threads $(THREADS) \
	  --out $(RUN)/vq --output $(RUN)/vq.jsonl
	touch $@

# Requests are a few words that name and count what is there, without colours and places. Most of what the
# decoder reads are documents, a dense caption and its picture without chat roles, as in pretraining on
# captioned pictures; it learns to write these as well. It has no text that ends in a picture of its own
# accord: <begin_of_image> has no weight, as in Janus-Pro, where the caller gives it.
$(RUN)/captions.jsonl: $(RUN)/scenes.jsonl
	caption-gen --annotator shapes --seed $(SEED) --out $(RUN)/annotations.jsonl $(RUN)/scenes
	jq -c '.augmented_prompts |= {object_prompts}' $(RUN)/annotations.jsonl > $@.new
	mv $@.new $@

$(RUN)/tokens.jsonl: $(RUN)/captions.jsonl $(RUN)/vq.done
	vq-encode --policy $(RUN)/vq --out $(RUN)/tokens --threads $(THREADS) --input $< --output $@

$(RUN)/base.done: $(RUN)/tokens.jsonl
	cot-sft --policy $(RUN)/vq --out $(RUN)/base --mode direct --documents 0.7 --steps $(BASE_STEPS) --batch 16 \
	  --lr 3e-3 --checkpoint-every 400 --weights-dtype bfloat16 --seed $(SEED) \
	  --threads $(THREADS) --input $< --output $(RUN)/base.jsonl
	touch $@

# How many of 10,000 new scenes are still judged right, every class, colour and place, after encoding
# and decoding; the detector's own mistakes on the pictures before that, for comparison.
define judge
  jq -c -n 'def seen: .colors as $$colors | [.detections | to_entries[] | .key as $$c | .value | to_entries[] | \
      select(.value[4] > 0.3) | [$$c, $$colors[$$c][.key], ((.value[0] + .value[2]) / 32 | floor), ((.value[1] + .value[3]) / 32 | floor)]] | sort; \
    def truth: [.objects[] | (.cell | split(" ")) as [$$row, $$column] | [.class, .color, \
      (["left", "center", "right"] | index($$column)), (["top", "middle", "bottom"] | index($$row))]] | sort; \
    reduce inputs as $$r ({scenes: 0, right: 0}; .scenes += 1 | .right += if ($$r | seen == truth) then 1 else 0 end)'
endef
check: $(RUN)/base.done
	shapes-world scenes --count 10000 --seed 99 --out $(RUN)/check --output $(RUN)/check.jsonl
	shapes-world detect --input $(RUN)/check.jsonl | $(judge)
	vq-encode --policy $(RUN)/base --out $(RUN)/check-tokens --input $(RUN)/check.jsonl | \
	  vq-decode --policy $(RUN)/base --out $(RUN)/check-decoded | shapes-world detect | $(judge)

# The trainer's state is of no use to anyone who starts from the base.
install: $(RUN)/base.done
	mkdir -p share/nano
	rm -rf share/nano/base.new && cp -r $(RUN)/base share/nano/base.new && rm -rf share/nano/base.new/trainer
	rm -rf share/nano/base && mv share/nano/base.new share/nano/base
