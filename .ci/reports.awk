# Reads reports of Surefire and Failsafe, and prints a line for each test, with tabs between: passed, skipped, FLAKY (the second
# run passed) or FAILED, the class, the test, and the message of the first failure in one line.

function attribute(line, name) {
  if (!match(line, "[ <]" name "=\"[^\"]*\"")) return ""
  line = substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
  gsub(/(&#1[03];|[\t ])+/, " ", line)
  gsub(/&quot;/, "\"", line)
  gsub(/&apos;/, "'", line)
  gsub(/&lt;/, "<", line)
  gsub(/&gt;/, ">", line)
  gsub(/&amp;/, "\\&", line)
  return line
}

function test_ended() {
  if (class == "") return
  # Without a name: the start or the end of the class. Surefire counts it as failed even if the second run passed.
  if (test == "" && result == "FAILED" && !again) started[class] = why
  else {
    print result "\t" class "\t" (test == "" ? "(start)" : test) "\t" why
    if (result == "FAILED") bad[class] = 1
    else ran[class] = 1
  }
  class = ""
}

function report_ended(  each) {
  test_ended()
  for (each in started) print ((each in ran) && !(each in bad) ? "FLAKY" : "FAILED") "\t" each "\t(start)\t" started[each]
  split("", started)
  split("", ran)
  split("", bad)
}

FNR == 1 { report_ended(); cdata = 0 }
cdata { if (index($0, "]]>")) cdata = 0; next } # what a test has written may look like a report
/^  <testcase / {
  test_ended()
  class = attribute($0, "classname")
  test = attribute($0, "name")
  result = "passed"
  why = ""
  again = 0
}
/^    <(failure|error|flakyFailure|flakyError)[ >]/ {
  result = $1 ~ /flaky/ ? "FLAKY" : "FAILED"
  if (why == "") why = attribute($0, "message")
  if (why == "") why = attribute($0, "type")
}
/^    <rerun(Failure|Error)[ >]/ { again = 1 }
/^    <skipped/ { result = "skipped" }
index($0, "<![CDATA[") && !index($0, "]]>") { cdata = 1 }
END { report_ended() }
