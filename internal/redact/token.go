package redact

import (
	"encoding/base64"
	"strings"
)

// A charset is what the body of a token may be made of.
type charset uint8

const (
	base32  charset = iota // A-Z 2-7
	hex                    // 0-9 a-f A-F
	alnum                  // 0-9 a-z A-Z
	wordy                  // alnum _
	dashed                 // alnum _ -
	dotted                 // alnum _ - .
	base64s                // alnum + / =
	anyBase                // alnum _ - . + / = ~
)

func (s charset) has(c byte) bool {
	switch s {
	case base32:
		return isUpper(c) || c >= '2' && c <= '7'
	case hex:
		return isHex(c)
	}
	if isAlnum(c) {
		return true
	}
	switch s {
	case wordy:
		return c == '_'
	case dashed:
		return c == '_' || c == '-'
	case dotted:
		return c == '_' || c == '-' || c == '.'
	case base64s:
		return c == '+' || c == '/' || c == '='
	case anyBase:
		return c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'
	}
	return false
}

// shape is a token that begins with a prefix of its issuer's: Min to Max bytes of a charset follow (no Max: any number). A prefix as
// strong as these needs no checksum to be believed, and a token with a wrong one is hidden as well: it may be torn or mistyped.
type shape struct {
	prefix   string
	kind     Kind
	body     charset
	min, max int
}

// shapes are the tokens of known issuers. Prefixes and lengths are those of the rules of gitleaks
// (https://github.com/gitleaks/gitleaks, config/gitleaks.toml, MIT licence, © Zachary Rice), where no other source is named; most issuers document
// the prefix only. The two first bytes of a prefix choose the shapes that are tried.
var shapes = []shape{
	// AWS: unique identifiers of IAM, docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html. Base 32.
	{"AKIA", "AWS_KEY", base32, 16, 16}, {"ASIA", "AWS_KEY", base32, 16, 16}, {"ABIA", "AWS_KEY", base32, 16, 16}, {"ACCA", "AWS_KEY", base32, 16, 16},
	{"ABSK", "AWS_KEY", base64s, 109, 272}, // Bedrock
	// Google Cloud: API keys, OAuth access and refresh tokens, client secrets (cloud.google.com/docs/authentication).
	{"AIza", "GCP_KEY", dashed, 35, 35}, {"ya29.", "GCP_TOKEN", dashed, 30, 0}, {"GOCSPX-", "GCP_KEY", dashed, 28, 28},
	{"LTAI", "ALIBABA_KEY", alnum, 12, 24}, {"AKID", "TENCENT_KEY", alnum, 32, 32},
	{"dop_v1_", "DIGITALOCEAN_TOKEN", hex, 64, 64}, {"doo_v1_", "DIGITALOCEAN_TOKEN", hex, 64, 64}, {"dor_v1_", "DIGITALOCEAN_TOKEN", hex, 64, 64},
	{"fm1a_", "FLYIO_TOKEN", base64s, 100, 0}, {"fm1r_", "FLYIO_TOKEN", base64s, 100, 0}, {"fm2_", "FLYIO_TOKEN", base64s, 100, 0}, {"fo1_", "FLYIO_TOKEN", dashed, 43, 43},
	{"HRKU-AA", "HEROKU_KEY", dashed, 58, 58}, {"v1.0-", "CLOUDFLARE_KEY", dashed, 171, 171},
	// Hosts of source code. github.blog/engineering/behind-githubs-new-authentication-token-formats; docs.gitlab.com/security/tokens.
	{"ghp_", "GITHUB_TOKEN", alnum, 36, 255}, {"gho_", "GITHUB_TOKEN", alnum, 36, 255}, {"ghu_", "GITHUB_TOKEN", alnum, 36, 255}, {"ghs_", "GITHUB_TOKEN", anyBase, 36, 0},
	{"ghr_", "GITHUB_TOKEN", alnum, 36, 255}, {"github_pat_", "GITHUB_TOKEN", wordy, 82, 255},
	{"glpat-", "GITLAB_TOKEN", dotted, 20, 320}, {"gldt-", "GITLAB_TOKEN", dashed, 20, 0}, {"glrt-", "GITLAB_TOKEN", dotted, 20, 320}, {"glcbt-", "GITLAB_TOKEN", dashed, 22, 0},
	{"glptt-", "GITLAB_TOKEN", hex, 40, 40}, {"glft-", "GITLAB_TOKEN", dashed, 20, 0}, {"glsoat-", "GITLAB_TOKEN", dashed, 20, 0}, {"glimt-", "GITLAB_TOKEN", dashed, 25, 0},
	{"glagent-", "GITLAB_TOKEN", dashed, 50, 0}, {"gloas-", "GITLAB_TOKEN", dashed, 64, 0}, {"glffct-", "GITLAB_TOKEN", dashed, 20, 0}, {"GR1348941", "GITLAB_TOKEN", dashed, 20, 0},
	{"ATATT3", "ATLASSIAN_TOKEN", anyBase, 180, 200}, {"ATCTT3", "ATLASSIAN_TOKEN", anyBase, 180, 200},
	// Chat. docs.slack.dev/authentication/tokens.
	{"xoxb-", "SLACK_TOKEN", dashed, 24, 0}, {"xoxp-", "SLACK_TOKEN", dashed, 24, 0}, {"xoxa-", "SLACK_TOKEN", dashed, 8, 0}, {"xoxr-", "SLACK_TOKEN", dashed, 8, 0},
	{"xoxo-", "SLACK_TOKEN", dashed, 16, 0}, {"xoxs-", "SLACK_TOKEN", dashed, 16, 0}, {"xoxe-", "SLACK_TOKEN", dashed, 24, 0}, {"xoxe.xox", "SLACK_TOKEN", dashed, 100, 0}, {"xapp-", "SLACK_TOKEN", dashed, 24, 0},
	{"hooks.slack.com/services/", "SLACK_WEBHOOK", base64s, 40, 60}, {"hooks.slack.com/workflows/", "SLACK_WEBHOOK", base64s, 40, 80}, {"hooks.slack.com/triggers/", "SLACK_WEBHOOK", base64s, 40, 80},
	{"discord.com/api/webhooks/", "DISCORD_WEBHOOK", anyBase, 80, 100},
	// Payment. docs.stripe.com/keys; publishable keys (pk_) are public.
	{"sk_live_", "STRIPE_KEY", alnum, 10, 247}, {"sk_test_", "STRIPE_KEY", alnum, 10, 247}, {"sk_prod_", "STRIPE_KEY", alnum, 10, 247}, {"rk_live_", "STRIPE_KEY", alnum, 10, 247},
	{"rk_test_", "STRIPE_KEY", alnum, 10, 247}, {"rk_prod_", "STRIPE_KEY", alnum, 10, 247}, {"whsec_", "STRIPE_KEY", base64s, 24, 64},
	{"sq0atp-", "SQUARE_TOKEN", dashed, 22, 60}, {"sq0csp-", "SQUARE_TOKEN", dashed, 43, 43}, {"EAAA", "SQUARE_TOKEN", dashed, 40, 60},
	{"shpat_", "SHOPIFY_TOKEN", hex, 32, 32}, {"shpca_", "SHOPIFY_TOKEN", hex, 32, 32}, {"shppa_", "SHOPIFY_TOKEN", hex, 32, 32}, {"shpss_", "SHOPIFY_TOKEN", hex, 32, 32},
	{"FLWSECK_TEST-", "FLUTTERWAVE_KEY", dashed, 12, 40}, {"FLWSECK-", "FLUTTERWAVE_KEY", dashed, 12, 48},
	{"shippo_live_", "SHIPPO_TOKEN", hex, 40, 40}, {"shippo_test_", "SHIPPO_TOKEN", hex, 40, 40}, {"EZAK", "EASYPOST_KEY", alnum, 54, 54}, {"EZTK", "EASYPOST_KEY", alnum, 54, 54},
	// Packages. docs.npmjs.com/about-access-tokens; pypi.org/help/#apitoken: the text is a macaroon for pypi.org.
	{"npm_", "NPM_TOKEN", alnum, 36, 36}, {"pypi-AgEIcHlwaS5vcmc", "PYPI_TOKEN", dashed, 50, 0}, {"pypi-AgENdGVzdC5weXBpLm9yZ", "PYPI_TOKEN", dashed, 50, 0},
	{"rubygems_", "RUBYGEMS_TOKEN", hex, 48, 48}, {"dckr_pat_", "DOCKER_TOKEN", dashed, 27, 0}, {"dckr_oat_", "DOCKER_TOKEN", dashed, 32, 0}, {"cio", "CRATES_TOKEN", alnum, 32, 32},
	{"CLOJARS_", "CLOJARS_TOKEN", alnum, 60, 60}, {"AKCp", "ARTIFACTORY_KEY", alnum, 69, 69}, {"cmVmd", "ARTIFACTORY_KEY", alnum, 59, 59}, {"oy2", "NUGET_KEY", alnum, 43, 43},
	// Models.
	{"sk-ant-", "ANTHROPIC_KEY", dashed, 90, 120}, {"sk-proj-", "OPENAI_KEY", dashed, 40, 0}, {"sk-svcacct-", "OPENAI_KEY", dashed, 40, 0}, {"sk-admin-", "OPENAI_KEY", dashed, 40, 0}, {"sk-or-v1-", "OPENROUTER_KEY", hex, 64, 64},
	{"sk-", "OPENAI_KEY", alnum, 48, 48}, {"hf_", "HUGGINGFACE_TOKEN", alnum, 34, 40}, {"api_org_", "HUGGINGFACE_TOKEN", alnum, 34, 40}, {"pplx-", "PERPLEXITY_KEY", alnum, 48, 48}, {"gsk_", "GROQ_KEY", alnum, 52, 52}, {"r8_", "REPLICATE_TOKEN", alnum, 37, 37},
	// Operation. developer.hashicorp.com/vault/docs/concepts/tokens.
	{"hvs.", "VAULT_TOKEN", dashed, 24, 300}, {"hvb.", "VAULT_TOKEN", dashed, 24, 300}, {"hvr.", "VAULT_TOKEN", dashed, 24, 300},
	{"glsa_", "GRAFANA_TOKEN", wordy, 41, 41}, {"glc_", "GRAFANA_TOKEN", base64s, 32, 400}, {"dapi", "DATABRICKS_TOKEN", dashed, 32, 34}, {"dt0c01.", "DYNATRACE_TOKEN", dotted, 89, 89},
	{"sntrys_", "SENTRY_TOKEN", anyBase, 60, 0}, {"sntryu_", "SENTRY_TOKEN", hex, 64, 64}, {"NRAK-", "NEWRELIC_KEY", alnum, 27, 27}, {"NRII-", "NEWRELIC_KEY", dashed, 32, 32}, {"NRJS-", "NEWRELIC_KEY", hex, 19, 19},
	{"pul-", "PULUMI_TOKEN", hex, 40, 40}, {"dp.pt.", "DOPPLER_TOKEN", alnum, 40, 44}, {"dp.st.", "DOPPLER_TOKEN", dotted, 40, 80}, {"lin_api_", "LINEAR_KEY", alnum, 40, 40}, {"PMAK-", "POSTMAN_KEY", dashed, 59, 59},
	{"pscale_tkn_", "PLANETSCALE_TOKEN", dotted, 32, 64}, {"pscale_pw_", "PLANETSCALE_TOKEN", dotted, 32, 64}, {"pscale_oauth_", "PLANETSCALE_TOKEN", dotted, 32, 64}, {"pnu_", "PREFECT_TOKEN", alnum, 36, 36},
	{"ntn_", "NOTION_TOKEN", alnum, 46, 46}, {"sgp_", "SOURCEGRAPH_TOKEN", wordy, 40, 60}, {"squ_", "SONAR_TOKEN", hex, 40, 40}, {"sqp_", "SONAR_TOKEN", hex, 40, 40}, {"sqa_", "SONAR_TOKEN", hex, 40, 40}, {"tfp_", "TYPEFORM_TOKEN", dotted, 59, 59},
	{"rdme_", "README_TOKEN", alnum, 70, 70}, {"ops_eyJ", "ONEPASSWORD_TOKEN", base64s, 250, 0}, {"A3-", "ONEPASSWORD_KEY", dashed, 31, 37}, {"API-", "OCTOPUS_KEY", alnum, 26, 26}, {"ico-", "INFRACOST_KEY", alnum, 32, 32},
	{"tk-us-", "SCALINGO_TOKEN", dashed, 48, 48}, {"sha256~", "OPENSHIFT_TOKEN", dashed, 43, 43}, {"AGE-SECRET-KEY-1", "AGE_KEY", alnum, 58, 58}, {"tskey-", "TAILSCALE_KEY", dashed, 20, 0},
	// Mail and telephony.
	{"SG.", "SENDGRID_KEY", dotted, 66, 66}, {"xkeysib-", "BREVO_KEY", dashed, 81, 81}, {"key-", "MAILGUN_KEY", hex, 32, 32}, {"SK", "TWILIO_KEY", hex, 32, 32},
	// JSON Web Tokens, RFC 7519: the base 64 of {" begins with eyJ; the form of the rest is checked by jwt.
	{"eyJ", kindJWT, dashed, 10, 0},
	{"bot", kindTelegram, dashed, 44, 0}, // as it stands in a URL; telegram checks the form
}

const (
	kindJWT      Kind = "JWT"
	kindTelegram Kind = "TELEGRAM_TOKEN"
)

// token returns the kind and the end of a token of a known issuer that begins at i, or i.
func (r *Redactor) token(i int) (Kind, int) {
	s := r.s
	if i+2 > len(s) {
		return "", i
	}
	for _, f := range r.tables.shapes[[2]byte{s[i], s[i+1]}] {
		if !strings.HasPrefix(s[i:], f.prefix) {
			continue
		}
		switch f.kind {
		case kindJWT:
			if end := jwt(s, i); end > i {
				return kindJWT, end
			}
			continue
		case kindTelegram:
			if from := i + len(f.prefix); telegram(s, from) > from {
				return kindTelegram, telegram(s, from)
			}
			continue
		}
		from := i + len(f.prefix)
		end := from
		if !spread(s[from:min(len(s), from+64)]) { // before the run is measured: a mask may be long
			continue
		}
		for end < len(s) && f.body.has(s[end]) && (f.max == 0 || end-from <= f.max) {
			end++
		}
		for end > from && (s[end-1] == '.' || s[end-1] == '~') {
			end-- // the end of a sentence
		}
		if n := end - from; n < f.min || f.max > 0 && n > f.max || f.max > 0 && end < len(s) && isWord(s[end]) || !spread(s[from:end]) {
			continue
		}
		return f.kind, end
	}
	return "", i
}

// secretKey looks whether the secret access key of AWS, 40 characters of base 64, stands behind its id at i.
func (r *Redactor) secretKey(i int) int {
	s := r.s
	from := i + 1
	if from >= len(s) || strings.IndexByte("/:, ", s[i]) < 0 {
		return i
	}
	to := from
	for to < len(s) && base64s.has(s[to]) {
		to++
	}
	if to-from != 40 || !random(s[from:to]) {
		return i
	}
	return r.add("AWS_SECRET", from, to)
}

// spread tells whether a text has at least five different bytes: xxxxxxxx in the place of a token is a mask.
func spread(s string) bool {
	var seen [8]byte
	n := 0
	for i := 0; i < len(s) && n < 5; i++ {
		if strings.IndexByte(string(seen[:n]), s[i]) < 0 {
			seen[n] = s[i]
			n++
		}
	}
	return n >= 5
}

// jwt returns the end of a signed (three parts) or encrypted (five parts) token that begins at i, or i. Its header must decode.
func jwt(s string, i int) int {
	const maxHeader = 2048
	if i > 1 && s[i-1] == '-' && isWord(s[i-2]) { // the middle of another text
		return i
	}
	parts, from := 0, i
	end := i
	for {
		for end < len(s) && dashed.has(s[end]) && (parts > 0 || end-from <= maxHeader) {
			end++
		}
		if parts++; parts == 1 {
			if end-from < 16 || end-from > maxHeader || end == len(s) || s[end] != '.' {
				return i
			}
			h, err := base64.RawURLEncoding.DecodeString(s[from:end])
			if err != nil || len(h) < 2 || h[0] != '{' || !strings.Contains(string(h), `"alg"`) {
				return i
			}
		}
		if parts == 5 || end+1 >= len(s) || s[end] != '.' || !dashed.has(s[end+1]) {
			break
		}
		end++
	}
	if parts < 2 { // a torn one has its payload at least
		return i
	}
	return end
}

// azureSecret looks left and right of the ~ in a client secret of Entra ID: three characters, a digit, Q~, 31 to 34 more (gitleaks,
// azure-ad-client-secret).
func (r *Redactor) azureSecret(i int) int {
	s := r.s
	if i < 5 || s[i-1] != 'Q' || !isDigit(s[i-2]) || i > 5 && (isWord(s[i-6]) || s[i-6] == '~') {
		return i + 1
	}
	end := i + 1
	for end < len(s) && end-i < 40 && (dotted.has(s[end]) || s[end] == '~') {
		end++
	}
	if n := end - i - 1; n < 31 || n > 34 {
		return i + 1
	}
	return r.add("AZURE_SECRET", i-5, end)
}

// passwordHash looks for a password's hash as crypt(5) writes it: $2b$, $5$, $6$, $y$, $argon2id$ and so on.
func (r *Redactor) passwordHash(i int) int {
	s := r.s
	end := i + 1
	for end < len(s) && end-i < 512 && (base64s.has(s[end]) || s[end] == '$' || s[end] == '.' || s[end] == ',') {
		end++
	}
	for end > i && (s[end-1] == '.' || s[end-1] == ',') && end-i != 60 {
		end-- // bcrypt, 60 bytes, may end in a dot
	}
	id, rest, _ := strings.Cut(s[i+1:end], "$")
	switch id {
	case "2a", "2b", "2y":
		if len(rest) >= 56 {
			return r.add("PASSWORD_HASH", i, end)
		}
	case "1", "5", "6", "y", "7", "gy", "argon2i", "argon2d", "argon2id":
		if len(rest) >= 24 && strings.Contains(rest, "$") {
			return r.add("PASSWORD_HASH", i, end)
		}
	}
	return i + 1
}
