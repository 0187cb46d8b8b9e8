// Renders templates with Go's own text/template and sprig: what the built-in renderer is compared with.
//
// Reads a JSON list of {"template": "...", "values": "<YAML>"} from standard input and writes a JSON list of
// {"output": "...", "error": "..."}. Named templates work through `include`; missing keys print nothing.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"github.com/ghodss/yaml"
)

type input struct {
	Template string `json:"template"`
	Values   string `json:"values"`
}

type output struct {
	Output string `json:"output"`
	Error  string `json:"error"`
}

func functions(root *template.Template) template.FuncMap {
	table := sprig.TxtFuncMap()
	table["toYaml"] = func(value interface{}) string {
		data, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(data), "\n")
	}
	table["fromYaml"] = func(text string) map[string]interface{} {
		made := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &made); err != nil {
			made["Error"] = err.Error()
		}
		return made
	}
	table["fromYamlArray"] = func(text string) []interface{} {
		made := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &made); err != nil {
			made = []interface{}{err.Error()}
		}
		return made
	}
	table["include"] = func(name string, data interface{}) (string, error) {
		var made strings.Builder
		err := root.ExecuteTemplate(&made, name, data)
		return made.String(), err
	}
	table["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("inner").Parse(text)
		if err != nil {
			return "", err
		}
		var made strings.Builder
		err = parsed.Execute(&made, data)
		return strings.ReplaceAll(made.String(), "<no value>", ""), err
	}
	table["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return value, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	return table
}

func render(one input) (made output) {
	defer func() {
		if problem := recover(); problem != nil {
			made = output{Error: fmt.Sprint(problem)}
		}
	}()
	values := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(one.Values), &values); err != nil {
		return output{Error: err.Error()}
	}
	root := template.New("main").Option("missingkey=zero")
	root.Funcs(functions(root))
	if _, err := root.Parse(one.Template); err != nil {
		return output{Error: err.Error()}
	}
	data := map[string]interface{}{
		"Values":  values,
		"Release": map[string]interface{}{"Name": "rel", "Namespace": "default", "Service": "Helm"},
		"Chart":   map[string]interface{}{"Name": "demo", "Version": "1.2.3+4"},
	}
	var text bytes.Buffer
	if err := root.Execute(&text, data); err != nil {
		return output{Error: err.Error()}
	}
	return output{Output: strings.ReplaceAll(text.String(), "<no value>", "")}
}

func main() {
	var inputs []input
	if err := json.NewDecoder(os.Stdin).Decode(&inputs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	outputs := make([]output, len(inputs))
	for index, one := range inputs {
		outputs[index] = render(one)
	}
	if err := json.NewEncoder(os.Stdout).Encode(outputs); err != nil {
		os.Exit(1)
	}
}
