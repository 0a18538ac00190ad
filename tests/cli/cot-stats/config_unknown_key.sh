# A key that is no option is refused, not passed over.
printf 'tabel=true\n' > wrong.ini
cot-stats --config wrong.ini < /dev/null
