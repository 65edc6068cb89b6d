package report
func writeHTML(v *view) ([]byte,error) { return nil,nil }
