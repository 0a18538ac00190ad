source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ true; } | step
