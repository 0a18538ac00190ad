# got-r1.mk: GoT-R1 (arXiv 2505.17022): chains with boxes, and rewards of plan, layout, picture against plan, and picture.
#
#   make -f pipelines/got-r1.mk SCALE=nano table      offline, two CPU cores
#   make -f pipelines/got-r1.mk samples BASE=DIR PICTURES=DIR PROMPTS=FILE ENDPOINT=URL ANNOTATOR_MODEL=NAME JUDGE=NAME
#   make -f pipelines/got-r1.mk samples POLICY=DIR PROMPTS=FILE ENDPOINT=URL JUDGE=NAME      from a policy that plans already
#   make -f pipelines/got-r1.mk benchmark BENCHMARK=evaluation_metadata.jsonl DETECT='./detect' ...   GenEval's score
#
# What the paper sets (RECIPES.md, section 2), and where it stands here:
#   prompt "Follow the caption to generate an image through a chain of thought process: {}"      --template got-r1
#   roles User and Assistant without bars; chains of at most 600 tokens; guidance 5              WORDING, MAX_COT, CFG
#   four added tokens, which Janus-Pro's tokenizer does not have                   NEW_TOKENS
#   1,000 GRPO steps, batch 8, G = 16, temperature 1, lr 1e-5, cosine                            RL_*
#   LoRA, r = alpha = 32; loss over text and image tokens                                        --lora-rank, --lora-alpha
#   judge Qwen2.5-VL-7B; R_PI (R_sem + R_spa) R_RI, each in [0, 1]                               --combine got-r1
#   SFT of 70,000 steps on GoT's data sets (LAHR, JourneyDB, FLUX)                   TEACH, SFT_STEPS
# The data sets' place is taken by what caption-gen --got makes of PICTURES. Real scale: Janus-Pro-1B or 7B. Not run here: no such machine was at hand.
#
# Nano scale: `plans` teaches the base to plan with annotations that err (NOISE). RL's rewards are exact: the layout by the
# prompt (got-spa:shapes), the picture by the plan (got-ri:shapes), the picture by the prompt (shapes:partial, in the place of
# R_PI); R_sem needs a reader and has none. No guidance; all parts are trained.
# Measured on an Intel Xeon (Sapphire Rapids class), 300 held-out prompts x 4 images, before RL and after, seeds 1 to 3: reward
# 0.629 and 0.798, 0.623 and 0.820, 0.624 and 0.801 (0.626 +- 0.003 and 0.806 +- 0.012; got-spa 0.817 and 0.896, got-ri 0.869 and
# 0.962, got-pi 0.778 and 0.885); GenEval's rule, overall, 0.558 +- 0.005 and 0.698 +- 0.004. From the base to the table
# 12 min 18 s on two cores, about 15 minutes on one thread beside other work; twice as long on a Zen 3.
#
# Ablations: ablate-rewards, each reward alone, pairs, all; ablate-sum, their sum in the place of their product;
# ablate-spa-text, R_spa by a judge that looks at the drawn layout or by one that reads its coordinates (both of
# nano-layout-judge.mk, and err), beside the exact one. Measured, mean of the product on held-out prompts: all three 0.701 +- 0.021,
# their sum 0.708 +- 0.024, two 0.670 to 0.700, one 0.561 to 0.661; R_spa by a judge that looks 0.704 +- 0.032, that reads 0.691 +- 0.011.
SCALE ?= $(if $(filter ablate-%,$(MAKECMDGOALS)),nano,real)
RECIPE := $(lastword $(MAKEFILE_LIST))

ARMS_rewards = product spa ri pi spa-ri spa-pi ri-pi
ARMS_sum = product sum
ARMS_spa-text = product layout text
define arm-product
endef
define arm-sum
COMBINE = sum
endef
define arm-spa
COMBINE = got-spa
endef
define arm-ri
COMBINE = got-ri
endef
define arm-pi
COMBINE = got-pi
endef
ASKING = --expert got-spa:janus:$(LAYOUT_JUDGES)/$(1) --spa-from $(1) --judge-system '' \
  --judge-prompt got-spa$(if $(filter text,$(1)),-text=share/nano/judge-layout-text.txt,=share/nano/judge-layout.txt) \
  --expert got-ri:shapes --expert got-pi=shapes:partial
define arm-layout
EXPERTS = $(call ASKING,shapes)
endef
define arm-text
EXPERTS = $(call ASKING,text)
endef
define arm-spa-ri
COMBINE = got-spa * got-ri
endef
define arm-spa-pi
COMBINE = got-spa * got-pi
endef
define arm-ri-pi
COMBINE = got-ri * got-pi
endef
ifdef ARM
$(eval $(value arm-$(ARM)))
RL_STEPS ?= 40
RL_PROMPTS ?= 8
EVAL_PROMPTS ?= 120
EVAL_IMAGES ?= 2
endif

ifeq ($(SCALE),nano)
RUN ?= run/got-r1-nano
POLICY ?= $(STAGES)/plans
RL_STEPS ?= 100
RL_PROMPTS ?= 16
RL_GROUP ?= 8
RL_LR ?= 8e-4
RL_DECAY ?= linear
MAX_COT ?= 200
CFG ?= 1
WORDING ?= --chat janus --template got-r1
CHECKS ?= --expert got-spa:shapes --expert got-ri:shapes --expert got-pi=shapes:partial
TOTAL ?= got-pi * got-spa * got-ri
EXTRA ?= --microbatch-tokens 2048
else
RUN ?= run/got-r1
POLICY ?= $(STAGES)/plans
SFT_STEPS ?= 70000
SCHEDULE = --steps $(SFT_STEPS)
RL_STEPS ?= 1000
RL_PROMPTS ?= 8
RL_GROUP ?= 16
RL_LR ?= 1e-5
RL_DECAY ?= cosine
MAX_COT ?= 600
CFG ?= 5
WORDING ?= --chat t2i-r1 --template got-r1
CHECKS ?= --expert got-sem --expert got-spa --expert got-ri --expert got-pi $(ASK) --judge-model $(JUDGE) --cache $(RUN)/answers
TOTAL ?= got-r1
TEACH_MORE = --recompute --optimizer-8bit
NEW_TOKENS = --add-token got
EXTRA ?= --recompute --lora-rank 32 --lora-alpha 32
endif
TITLE = GoT-R1, $(SCALE)
TAUGHT = plans
ANNOTATE = --got
TEACH = --chain got $(WORDING) --begin-weight 2 --text-weight 1 $(TEACH_MORE)
DRAW = $(WORDING) --max-cot $(MAX_COT) --max-prompt 160 --cfg-weight $(CFG) --seed $(SEED) --threads $(THREADS)
STEP = --cfg-weight $(CFG) $(EXTRA)

include $(dir $(RECIPE))recipe.mk.inc

# The judges of ablate-spa-text, one pair for all seeds, taught on what the first seed's policy plans.
LAYOUT_JUDGES = $(ABLATED)/layout-judge
ablate-spa-text: $(LAYOUT_JUDGES).done
$(LAYOUT_JUDGES).done:
	$(MAKE) --no-print-directory -f $(RECIPE) taught SCALE=nano SEED=1 RUN=$(RUN)-1
	$(MAKE) --no-print-directory -f $(dir $(RECIPE))nano-layout-judge.mk table RUN=$(LAYOUT_JUDGES) PLANS=$(RUN)-1/plans JUDGES=$(JUDGES)
	touch $@
