mkdir -p i/00000/samples i/00002/samples
echo '{"tag":"single_object","include":[{"class":"dog","count":1}],"prompt":"a photo of a dog"}' | tee i/00000/metadata.jsonl >i/00002/metadata.jsonl
touch i/00000/samples/0000.png i/00000/samples/0001.png i/00002/samples/0000.png
for n in 00000/samples/0000 00000/samples/0001 00002/samples/0000; do
  echo "{\"filename\":\"$n.png\",\"detections\":{\"dog\":[[0,0,5,5,0.8]]}}"
done >d.jsonl
sed -i 2d d.jsonl
eval-geneval --quiet --detector replay:d.jsonl --images i
