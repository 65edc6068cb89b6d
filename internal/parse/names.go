package parse

// Names lists the built-in formats, as Options.Hint takes them.
func Names() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}
