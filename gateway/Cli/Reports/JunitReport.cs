using System.Globalization;
using System.Xml;

namespace Gateway.Cli.Reports;

/// <summary>
/// The XML that CI servers read as test results: a suite for each mapping that was tried, and one for the verb itself in which each file that it
/// fails for is a failed case. Remarks that fail nothing stand in a comment.
/// </summary>
internal static class JunitReport
{
    public static void Write(Report report, TextWriter output)
    {
        var suites = report.Trials.GroupBy(t => t.Suite).Select(g => (Name: g.Key, Cases: g.Select(t => (t.Name, t.Place, t.Wrong)).ToList())).ToList();
        var errors = report.Remarks.Where(r => r.Fails).GroupBy(r => r.Place.File)
            .Select(file => (Name: file.Key.Length > 0 ? file.Key : report.Verb, file.First().Place, Wrong: (string?)string.Join('\n', file.Select(r => r.Text)))).ToList();
        if (errors.Count == 0 && suites.Count == 0) errors.Add((report.Summary, Place.None, null));
        if (errors.Count > 0) suites.Insert(0, (report.Verb, errors));
        using (var xml = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("testsuites");
            WriteCounts(xml, suites.SelectMany(s => s.Cases).Select(c => c.Wrong).ToList());
            foreach (var (name, cases) in suites)
            {
                xml.WriteStartElement("testsuite");
                xml.WriteAttributeString("name", Clean(name));
                WriteCounts(xml, [.. cases.Select(c => c.Wrong)]);
                foreach (var one in cases) WriteCase(xml, name, one.Name, one.Place, one.Wrong);
                xml.WriteEndElement();
            }
            var others = report.Remarks.Where(r => !r.Fails).Select(r => r.Text).ToList();
            if (others.Count > 0) xml.WriteComment($"\n{Clean(string.Join('\n', others)).Replace("--", "- -", StringComparison.Ordinal)}\n");
            xml.WriteEndElement();
        }
        output.WriteLine();
    }

    /// <summary>Names may hold what XML 1.0 can't.</summary>
    private static string Clean(string text) => text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c : '?'));

    private static void WriteCounts(XmlWriter xml, List<string?> outcomes)
    {
        xml.WriteAttributeString("tests", outcomes.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", outcomes.Count(o => o is not null).ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteCase(XmlWriter xml, string suite, string name, Place place, string? wrong)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean(suite));
        xml.WriteAttributeString("name", Clean(name));
        if (place.File.Length > 0) xml.WriteAttributeString("file", Clean(place.File));
        if (place.Line > 0) xml.WriteAttributeString("line", place.Line.ToString(CultureInfo.InvariantCulture));
        if (wrong is not null)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(wrong.Split('\n')[0]));
            xml.WriteString(Clean(wrong));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }
}
