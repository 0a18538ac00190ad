# A prompt whose samples are missing is pointed out; the others are scored, as by the official script.
mkdir -p i/00000/samples i/00001/samples
echo '{"tag":"single_object","include":[{"class":"dog","count":1}],"prompt":"a photo of a dog"}' | tee i/00000/metadata.jsonl >i/00001/metadata.jsonl
touch i/00000/samples/0000.png
echo '{"filename":"00000/samples/0000.png","detections":{"dog":[[0,0,5,5,0.8]]}}' >d.jsonl
eval-geneval --quiet --detector replay:d.jsonl --images i | jq -c '[.filename, .correct]'
