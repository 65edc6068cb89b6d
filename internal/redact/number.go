package redact

import "strings"

const (
	kindCard Kind = "CARD"
	kindIBAN Kind = "IBAN"
)

// number looks at a word s[i:end] that begins with a digit: card numbers, telephone numbers, tokens of Telegram's bots, and addresses, if asked for.
func (r *Redactor) number(i, end int) int {
	s := r.s
	switch n := end - i; {
	case n <= 4 && r.o.IP && end < len(s) && (s[end] == '.' || s[end] == ':'):
		return r.address(i, end)
	case n == 3 && end < len(s) && s[end] == '-':
		return r.nanp(i)
	case n == 4 && end+1 < len(s) && (s[end] == ' ' || s[end] == '-') && isDigit(s[end+1]):
		return r.card(i)
	case n >= 8 && n <= 10 && end < len(s) && s[end] == ':':
		if to := telegram(s, i); to > i {
			return r.add(kindTelegram, i, to)
		}
	case n >= 13 && n <= 19:
		return r.card(i)
	}
	return end
}

// telegram returns the end of a bot's token that begins at i, or i: its number, a colon and 35 characters, the first two AA
// (core.telegram.org/bots/api#authorizing-your-bot).
func telegram(s string, i int) int {
	colon := i
	for colon < len(s) && isDigit(s[colon]) {
		colon++
	}
	if !strings.HasPrefix(s[colon:], ":AA") || colon-i < 8 {
		return i
	}
	to := colon + 1
	for to < len(s) && dashed.has(s[to]) {
		to++
	}
	if to-colon-1 != 35 {
		return i
	}
	return to
}

// card looks at a card number (ISO/IEC 7812): 14 to 19 digits together, or in groups of the same separator; its issuer's range, its length and
// Luhn's sum must fit. It returns i if there is none.
func (r *Redactor) card(i int) int {
	s := r.s
	var d [19]byte
	n, to := 0, i
	sep := byte(0)
	var groups [8]int
	g := 0
	for j := i; j < len(s); j++ {
		if isDigit(s[j]) {
			if n == len(d) {
				return i
			}
			d[n], n, to = s[j]-'0', n+1, j+1
			groups[g]++
			continue
		}
		if (s[j] != ' ' && s[j] != '-') || sep != 0 && s[j] != sep || j+1 == len(s) || !isDigit(s[j+1]) || g+1 == len(groups) || n >= 15 && complete(groups[:g+1]) {
			break
		}
		sep = s[j]
		g++
	}
	if to < len(s) && (isWord(s[to]) || to+1 < len(s) && (s[to] == '.' || s[to] == '-') && isWord(s[to+1])) || i > 0 && (s[i-1] == '.' || s[i-1] == '-' || s[i-1] == '+' || s[i-1] == '$') {
		return i
	}
	if sep != 0 && !complete(groups[:g+1]) || !issued(d[:n]) || !luhn(d[:n]) || !spread(s[i:to]) && n != 16 || r.underID(i) {
		return i
	}
	return r.add(kindCard, i, to)
}

// complete tells whether groups are those that cards are printed in: 4-4-4-4 (and 3 more), 4-6-5, 4-6-4.
func complete(g []int) bool {
	switch len(g) {
	case 3:
		return g[0] == 4 && g[1] == 6 && (g[2] == 5 || g[2] == 4)
	case 4:
		return g[0] == 4 && g[1] == 4 && g[2] == 4 && g[3] == 4
	case 5:
		return g[0] == 4 && g[1] == 4 && g[2] == 4 && g[3] == 4 && g[4] == 3
	}
	return false
}

// issued tells whether the first digits are in a range of an issuer that has cards of that length
// (en.wikipedia.org/wiki/Payment_card_number, from the issuers' own tables).
func issued(d []byte) bool {
	if len(d) < 14 {
		return false
	}
	four := int(d[0])*1000 + int(d[1])*100 + int(d[2])*10 + int(d[3])
	two := four / 100
	switch n := len(d); n {
	case 14:
		return two == 36 || two == 38 || two == 39 || four >= 3000 && four <= 3059 // Diners Club
	case 15:
		return two == 34 || two == 37 // American Express
	case 16:
		return d[0] == 4 || two >= 51 && two <= 55 || four >= 2221 && four <= 2720 || // Visa, Mastercard
			four == 6011 || two == 65 || four >= 6440 && four <= 6499 || four >= 3528 && four <= 3589 || two == 62 || // Discover, JCB, UnionPay
			four == 5018 || four == 5020 || four == 5038 || four == 5893 || four == 6304 || four == 6759 || four >= 6761 && four <= 6763 || // Maestro
			four >= 2200 && four <= 2204 // Mir
	case 17, 18:
		return two == 62
	default:
		return two == 62 || four >= 6761 && four <= 6763 || d[0] == 4 && four == 4917
	}
}

func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		x := int(d[len(d)-1-i])
		if i%2 == 1 {
			if x *= 2; x > 9 {
				x -= 9
			}
		}
		sum += x
	}
	return sum%10 == 0
}

// underID tells whether the value at i stands under the key of a trace, span or request: such ids may be all digits.
func (r *Redactor) underID(i int) bool {
	s := r.s
	for i > 0 && strings.IndexByte(" :=\"'\\[", s[i-1]) >= 0 {
		i--
	}
	before := strings.ToLower(s[max(0, i-24):i])
	for _, w := range []string{"trace", "span", "request", "correlation", "transaction", "order", "session", "message", "event", "block", "offset", "seq"} {
		if n := strings.LastIndex(before, w); n >= 0 {
			switch strings.Trim(before[n+len(w):], "_-.") {
			case "", "id", "no", "number", "s":
				return true
			}
		}
	}
	return false
}

// iban looks at an account number (ISO 13616): country, two check digits, the length of that country, remainder 1 by 97. The word s[i:end] may be
// its first group of four.
func (r *Redactor) iban(i, end int) int {
	s := r.s
	if end-i < 4 || !isDigit(s[i+2]) || !isDigit(s[i+3]) {
		return i
	}
	want := ibanLength(s[i : i+2])
	if want == 0 {
		return i
	}
	var d [34]byte
	n, to := 0, i
	for j := i; j < len(s) && n < want; j++ {
		if s[j] == ' ' && n%4 == 0 && n > 0 && j+1 < len(s) && isAlnum(s[j+1]) {
			continue
		}
		if !isDigit(s[j]) && !isUpper(s[j]) {
			break
		}
		d[n], n, to = s[j], n+1, j+1
	}
	if n != want || to < len(s) && isWord(s[to]) {
		return i
	}
	rest := 0
	for k := range n {
		c := d[(k+4)%n]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	if rest != 1 {
		return i
	}
	return to
}

// ibanLength is the length of a country's numbers, 0 if it has none (SWIFT, IBAN registry).
func ibanLength(country string) int {
	const registry = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SD18SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20"
	for i := 0; i < len(registry); i += 4 {
		if registry[i:i+2] == country {
			return int(registry[i+2]-'0')*10 + int(registry[i+3]-'0')
		}
	}
	return 0
}
