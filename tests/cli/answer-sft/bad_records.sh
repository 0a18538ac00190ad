janus-init --preset nano --out p --quiet
shapes-world scenes --count 1 --seed 1 --out s --quiet > /dev/null
picture=$(ls s/*.png)
one() { answer-sft --policy p --out q --steps 1 --batch 1 --threads 1 > /dev/null; echo "exit $?"; }
echo "{\"id\":\"a\",\"image\":\"none.png\",\"question\":\"what?\",\"answer\":\"yes\"}" | one
echo "{\"id\":\"a\",\"image\":\"$picture\",\"question\":\"what?\"}" | one
echo "{\"id\":\"a\",\"image\":\"$picture\",\"question\":\"what?\",\"answer\":\"\"}" | one
echo "{\"id\":\"a\",\"image\":\"$picture\",\"question\":\"<image_placeholder>\",\"answer\":\"yes\"}" | one
: | one
answer-sft --policy p --out q --freeze gen_vision < /dev/null; echo "exit $?"
[[ -e q ]] || echo nothing was written
