#!/usr/bin/env bash
# Finds the slots of the test vectors without the program: phone, window, first
# day of the period, the possible days (in order), begin in UTC and seconds of the span.
set -euo pipefail
vector() {
	local d i
	d=$(printf 'phoneacs.slot.v1\n%s\n%s\n%s' "$1" "$2" "$3" | sha256sum | cut -c1-32)
	local -a days
	read -ra days <<<"$4"
	i=$(bc <<<"ibase=16; $(tr a-f A-F <<<"${d:16:16}") * $(printf %X ${#days[@]}) / 10000000000000000")
	local s
	s=$(bc <<<"ibase=16; $(tr a-f A-F <<<"${d:0:16}") * $(printf %X "$6") / 10000000000000000")
	echo "$1 $2 $3: $d $(date -u -d "${days[i]} $5 UTC + $s seconds" +%FT%TZ)"
}
month() { for n in $(seq 0 29); do date -u -d "$1 + $n days" +%F; done | xargs; }
# Weekly on Monday, Wednesday and Friday from 02:00 to 04:00; the week of 2026-11-16.
vector 0c383e000001 w1 2026-11-16 "2026-11-16 2026-11-18 2026-11-20" 02:00 7200
vector 0c383e000002 w1 2026-11-16 "2026-11-16 2026-11-18 2026-11-20" 02:00 7200
# Flexible, 30 days from 1970-01-01 on, 02:00 to 06:00; the period before and the one after 2026-11-15.
first=$(($(date -u -d 2026-11-15 +%s) / 86400 / 30 * 30))
for period in $first $((first + 30)); do
	day=$(date -u -d "@$((period * 86400))" +%F)
	vector 0c383e000001 w2 "$day" "$(month "$day")" 02:00 14400
done
