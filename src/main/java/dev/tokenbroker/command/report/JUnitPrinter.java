package dev.tokenbroker.command.report;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.command.report.Node.Fact;
import dev.tokenbroker.command.report.Node.Result;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Prints a report in the XML of JUnit, which CI systems read: a suite for each node, and a test for
 * each node below it. The value {@code line} of a test is its line in the file.
 */
public final class JUnitPrinter {

  private final XMLStreamWriter xml;

  private JUnitPrinter(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /** The document for these suites. */
  public static String print(List<Node> suites) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      new JUnitPrinter(writer).write(suites);
      writer.close();
    } catch (XMLStreamException impossible) {
      throw new IllegalStateException("the report cannot be written to memory", impossible);
    }
    return text.toString();
  }

  private void write(List<Node> suites) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuites");
    xml.writeAttribute("name", "token-broker");
    counts(suites.stream().flatMap(suite -> suite.below().stream()).toList());
    for (Node suite : suites) {
      xml.writeStartElement("testsuite");
      attribute("name", suite.title());
      counts(suite.below());
      for (Node test : suite.below()) {
        testCase(suite.title(), test);
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void counts(List<Node> tests) throws XMLStreamException {
    xml.writeAttribute("tests", "" + tests.size());
    xml.writeAttribute("failures", "" + count(tests, Result.FAILED));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", "" + count(tests, Result.SKIPPED));
    xml.writeAttribute("time", "0");
  }

  private static long count(List<Node> tests, Result result) {
    return tests.stream().filter(test -> test.result() == result).count();
  }

  private void testCase(String suite, Node test) throws XMLStreamException {
    xml.writeStartElement("testcase");
    attribute("classname", suite);
    attribute("name", test.title());
    if (test.values().containsKey("line")) {
      attribute("line", "" + test.values().getInteger("line"));
    }
    attribute("time", "0");
    if (test.result() == Result.SKIPPED) {
      xml.writeEmptyElement("skipped");
    }
    if (test.result() == Result.FAILED) {
      xml.writeStartElement("failure");
      attribute("type", "difference");
      attribute("message", joined(test.causes(), true));
      if (!test.details().isEmpty()) {
        xml.writeCharacters(Evidence.escaped(joined(test.details(), false)));
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String joined(List<Fact> facts, boolean named) {
    return facts.stream()
        .map(
            fact ->
                named && !fact.name().isEmpty() ? fact.name() + ": " + fact.text() : fact.text())
        .collect(Collectors.joining("; "));
  }

  // XML 1.0 has no form for control characters.
  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, Evidence.escaped(value));
  }
}
