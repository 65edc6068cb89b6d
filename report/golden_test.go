package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// forms are the ways in which every report is rendered and kept.
var forms = map[string]report.Options{
	"w100.txt":         {},
	"w80.txt":          {Width: 80},
	"w40.txt":          {Width: 40},
	"verbose.w100.txt": {Verbose: true},
	"verbose.w80.txt":  {Verbose: true, Width: 80},
	"color.w100.txt":   {Color: true},
	"md":               {Format: report.Markdown},
	"html":             {Format: report.HTML},
	"json":             {Format: report.JSON},
}

func reports() map[string]*rca.Report {
	return map[string]*rca.Report{"cascade": cascade(), "inconclusive": inconclusive(), "quiet": quiet(), "hostile": hostile()}
}

func render(t testing.TB, r *rca.Report, o report.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for name, r := range reports() {
		for form, o := range forms {
			file := filepath.Join("testdata", name+"."+form)
			got := render(t, r, o)
			if again := render(t, r, o); !bytes.Equal(got, again) {
				t.Errorf("%s: two renderings differ", file)
			}
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; see what changed with -update and git diff", file)
			}
		}
	}
}

// poisonAll puts poison into every string that is not an id, an enumeration or a number.
func poisonAll(r *rca.Report) {
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		switch v.Kind() {
		case reflect.String:
			switch name {
			case "Verdict", "Grade", "Category", "Role", "State":
			case "Text":
				v.SetString(multiline)
			case "ID", "Evidence", "Kind":
				v.SetString(v.String() + poison)
			default:
				v.SetString(poison + v.String())
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), name)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), name)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), v.Type().Field(i).Name)
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				if v.Type().Elem().Kind() == reflect.String {
					v.SetMapIndex(reflect.ValueOf(poison+k.String()), reflect.ValueOf(poison))
				} else {
					v.SetMapIndex(reflect.ValueOf(poison+k.String()), v.MapIndex(k))
				}
			}
		}
	}
	walk(reflect.ValueOf(r), "")
}
