package llm

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Settings say how a provider is reached.
type Settings struct {
	Name    string // before the slash of a model's name
	API     API
	URL     string // of its API
	Key     string
	Timeout time.Duration // of one try; default 2 minutes
	Tries   int           // at most; default 3
	Client  *http.Client  // default one of its own, without a proxy that nobody named
}

// API is a way of speaking.
type API string

// The ways of speaking.
const (
	OpenAI    API = "openai"
	Anthropic API = "anthropic"
	Ollama    API = "ollama"
)

// known are the providers that can be configured by the variables that their own tools read: a key or an address.
var known = []struct {
	name, key, url, usual string
	api                   API
	local                 bool // has no key, is configured by its address
}{
	{"openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1", OpenAI, false},
	{"anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://api.anthropic.com", Anthropic, false},
	{"ollama", "", "OLLAMA_HOST", "http://127.0.0.1:11434", Ollama, true},
	{"gemini", "GEMINI_API_KEY", "", "https://generativelanguage.googleapis.com/v1beta/openai", OpenAI, false},
	{"groq", "GROQ_API_KEY", "", "https://api.groq.com/openai/v1", OpenAI, false},
	{"openrouter", "OPENROUTER_API_KEY", "", "https://openrouter.ai/api/v1", OpenAI, false},
	{"local", "RCA_LOCAL_MODEL_KEY", "RCA_LOCAL_MODEL_URL", "", OpenAI, true}, // vLLM, llama.cpp, LM Studio and what else speaks OpenAI's API
}

// FromEnvironment gives the providers that the environment configures, by the names that their own tools use (OPENAI_API_KEY,
// ANTHROPIC_API_KEY, OLLAMA_HOST, …). It opens nothing.
func FromEnvironment(lookup func(string) (string, bool)) ([]Settings, error) {
	get := func(name string) string {
		if name == "" {
			return ""
		}
		v, _ := lookup(name)
		return strings.TrimSpace(v)
	}
	var out []Settings
	for _, k := range known {
		s := Settings{Name: k.name, API: k.api, Key: get(k.key), URL: get(k.url)}
		if k.local && s.URL == "" || !k.local && s.Key == "" {
			continue
		}
		if s.URL == "" {
			s.URL = k.usual
		}
		if k.api == Ollama && !strings.Contains(s.URL, "://") { // OLLAMA_HOST is often host:port
			s.URL = "http://" + s.URL
		}
		if u, err := url.Parse(s.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("%s is %q, want an address as %s", k.url, s.URL, k.usual)
		}
		out = append(out, s)
	}
	return out, nil
}

// Choose finds the provider of a model's name, as ollama/llama3.2 or openrouter/meta-llama/llama-3.3-70b, among those configured.
func Choose(all []Settings, name string) (s Settings, model string, err error) {
	provider, model, ok := strings.Cut(name, "/")
	if !ok || model == "" {
		return s, "", fmt.Errorf("model %q: want PROVIDER/MODEL, as ollama/llama3.2", name)
	}
	s, err = Find(all, provider)
	return s, model, err
}

// Find gives the settings of a provider, among those configured.
func Find(all []Settings, provider string) (Settings, error) {
	var have []string
	for _, s := range all {
		if s.Name == provider {
			return s, nil
		}
		have = append(have, s.Name)
	}
	for _, k := range known {
		if k.name != provider {
			continue
		}
		variable := k.key
		if k.local {
			variable = k.url
		}
		return Settings{}, fmt.Errorf("%s is not configured: set %s", provider, variable)
	}
	if len(have) == 0 {
		have = []string{"none"}
	}
	slices.Sort(have)
	return Settings{}, fmt.Errorf("there is no provider %q; configured: %s", provider, strings.Join(have, ", "))
}

// Open makes the provider of the settings. It opens no connection.
func Open(s Settings) (Provider, error) {
	if s.Timeout == 0 {
		s.Timeout = 2 * time.Minute
	}
	if s.Tries == 0 {
		s.Tries = 3
	}
	if s.Client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		s.Client = &http.Client{Transport: t}
	}
	// What the libraries make of a status differs; Retry-After is seen here, whatever they do.
	hint := &hints{base: s.Client.Transport}
	client := *s.Client
	client.Transport = hint
	s.Client = &client
	var p Provider
	switch s.API {
	case OpenAI:
		p = newOpenAI(s)
	case Anthropic:
		p = newAnthropic(s)
	case Ollama:
		var err error
		if p, err = newOllama(s); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("provider %s speaks %q, which is unknown", s.Name, s.API)
	}
	return newPatient(p, s, hint), nil
}
