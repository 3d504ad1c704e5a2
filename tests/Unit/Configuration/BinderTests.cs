using System.ComponentModel.DataAnnotations;
using Gateway.Configuration.Yaml;
using Xunit;

namespace Gateway.Tests.Unit.Configuration;

public sealed record Thing
{
    public required string Name { get; init; }

    [Range(1, 10)]
    public int Count { get; init; } = 3;

    public long Size { get; init; }

    public decimal Price { get; init; }

    public double Ratio { get; init; }

    public bool On { get; init; }

    public TimeSpan Wait { get; init; }

    public DateTimeOffset? Since { get; init; }

    public Uri? Address { get; init; }

    public Colour? Shade { get; init; }

    [Range(typeof(long), "1", "100")]
    public long Length { get; init; } = 1;

    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    [RegularExpression("^[a-z]+$")]
    public string? Word { get; init; }

    public IReadOnlyList<int> Numbers { get; init; } = [];

    public IReadOnlyDictionary<string, AllOptional> Notes { get; init; } = new Dictionary<string, AllOptional>();

    public IReadOnlyDictionary<string, Thing> Parts { get; init; } = new Dictionary<string, Thing>();
}

public enum Colour
{
    Red,
    DarkBlue,
}

public sealed record AllOptional
{
    public string? Text { get; init; }
}

/// <summary>From nodes to records.</summary>
public sealed class BinderTests
{
    private readonly List<Diagnostic> _found = [];
    private readonly Places _places = new();

    [Fact]
    public void Every_type_is_bound_and_what_is_left_out_keeps_its_default()
    {
        var thing = Bind("""
            name: no
            size: 256KB
            price: 1.10
            ratio: 0.25
            on: true
            wait: 90s
            since: 2026-11-23
            address: https://host.example/x
            shade: darkBlue
            numbers: [1, 2]
            parts: { one: { name: "1" } }
            """)!;

        Assert.Empty(_found);
        Assert.Equal("no", thing.Name);
        Assert.Equal(3, thing.Count);
        Assert.Equal(256 * 1024, thing.Size);
        Assert.Equal("1.10", thing.Price.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(0.25, thing.Ratio);
        Assert.True(thing.On);
        Assert.Equal(TimeSpan.FromSeconds(90), thing.Wait);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), thing.Since);
        Assert.Equal("https://host.example/x", thing.Address!.AbsoluteUri);
        Assert.Equal(Colour.DarkBlue, thing.Shade);
        Assert.Equal([1, 2], thing.Numbers);
        Assert.Equal("1", thing.Parts["one"].Name);
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("36500d", 3_153_600_000_000)]
    public void A_duration_is_a_number_and_a_unit(string text, long milliseconds) =>
        Assert.Equal(milliseconds, Bind($"name: x\nwait: {text}")!.Wait.TotalMilliseconds);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1KB", 1024)]
    [InlineData("8MB", 8 << 20)]
    [InlineData("-1", -1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_is_bytes_or_a_power_of_1024(string text, long bytes) => Assert.Equal(bytes, Bind($"name: x\nsize: {text}")!.Size);

    [Theory]
    [InlineData("count: three", "'three' is not a whole number")]
    [InlineData("count: 1.0", "'1.0' is not a whole number")]
    [InlineData("count: 0x10", "'0x10' is not a whole number")]
    [InlineData("count: 99999999999", "'99999999999' is not a whole number")]
    [InlineData("count: 010", "'010' is not a whole number")]
    [InlineData("count: -05", "'-05' is not a whole number")]
    [InlineData("size: 1GB", "'1GB' is not a whole number or a size")]
    [InlineData("size: KB", "'KB' is not a whole number or a size")]
    [InlineData("size: 9007199254740993KB", "'9007199254740993KB' is not a whole number or a size")]
    [InlineData("price: 1,10", "'1,10' is not a number")]
    [InlineData("price: 1e3", "'1e3' is not a number")]
    [InlineData("ratio: NaN", "'NaN' is not a number")]
    [InlineData("ratio: Infinity", "'Infinity' is not a number")]
    [InlineData("on: yes", "'yes' is not true or false")]
    [InlineData("on: True", "'True' is not true or false")]
    [InlineData("wait: 30", "'30' is not a duration")]
    [InlineData("wait: 1.5s", "'1.5s' is not a duration")]
    [InlineData("wait: -5s", "'-5s' is not a duration")]
    [InlineData("wait: 5 s", "'5 s' is not a duration")]
    [InlineData("wait: 99999d", "'99999d' is not a duration")]
    [InlineData("wait: 99999999999999999999s", "'99999999999999999999s' is not a duration")]
    [InlineData("since: soon", "'soon' is not a date")]
    [InlineData("since: 01/02/2027", "'01/02/2027' is not a date")]
    [InlineData("since: 2027-02-30", "'2027-02-30' is not a date")]
    [InlineData("since: 10:30", "'10:30' is not a date")]
    [InlineData("address: host.example", "'host.example' is not an absolute http or https address")]
    [InlineData("address: /x", "'/x' is not an absolute http or https address")]
    [InlineData("address: file:///etc/passwd", "'file:///etc/passwd' is not an absolute http or https address")]
    [InlineData("shade: Red", "'Red' is not one of red, darkBlue")]
    [InlineData("shade: 1", "'1' is not one of red, darkBlue")]
    [InlineData("count:", "a whole number is expected, not nothing")]
    [InlineData("count: [1]", "a whole number is expected, not a list")]
    [InlineData("count: {a: 1}", "a whole number is expected, not a mapping")]
    [InlineData("numbers: 1", "a list is expected, not a value")]
    [InlineData("numbers:", "a list is expected, not nothing")]
    [InlineData("parts: [a]", "a mapping is expected, not a list")]
    [InlineData("parts:", "a mapping is expected, not nothing")]
    public void A_value_of_another_type_is_named_with_what_is_expected(string line, string message)
    {
        Bind("name: x\n" + line);

        var found = Assert.Single(_found);
        Assert.Equal(("GW1011", message), (found.Code, found.Message));
        Assert.Equal(2, found.Place.Line);
        Assert.NotEmpty(found.Cure);
    }

    [Theory]
    [InlineData("on: yes", "write true or false; YAML 1.2 knows no yes and no")]
    [InlineData("count: 010", "remove the leading zero")]
    [InlineData("wait: 30", "write it like 30s")]
    [InlineData("shade: darkblue", "did you mean 'darkBlue'?")]
    [InlineData("shade: violet", "known: darkBlue, red")]
    public void The_cure_fits_the_mistake(string line, string cure)
    {
        Bind("name: x\n" + line);

        Assert.Equal(cure, Assert.Single(_found).Cure);
    }

    [Theory]
    [InlineData("conut", "did you mean 'count'?")]
    [InlineData("Count", "did you mean 'count'?")]
    [InlineData("adress", "did you mean 'address'?")]
    [InlineData("q", "known: address, count, length, name, notes, numbers, on, parts, pause, price, ratio, shade …")]
    [InlineData("somethingElse", "known: address, count, length, name, notes, numbers, on, parts, pause, price, ratio, shade …")]
    public void A_member_that_is_not_known_is_named_with_the_nearest_known_one(string member, string cure)
    {
        Bind($"name: x\n{member}: 1");

        var found = Assert.Single(_found);
        Assert.Equal(("GW1012", $"'{member}' is not known here", cure), (found.Code, found.Message, found.Cure));
        Assert.Equal(new Place("a.yaml", 2, 1), found.Place);
    }

    [Fact]
    public void A_missing_member_is_named_at_the_mapping_that_lacks_it()
    {
        Assert.Null(Bind("count: 1\nparts:\n  one:\n    count: 2\n"));

        Assert.Equal(["GW1013 1:1", "GW1013 4:5"], Diagnostic.Sort(_found).Select(Yaml.Short));
        Assert.All(_found, f => Assert.Equal("'name' is missing", f.Message));
    }

    [Theory]
    [InlineData("count: 0", "'count' must be between 1 and 10")]
    [InlineData("count: 11", "'count' must be between 1 and 10")]
    [InlineData("word: Upper", "'word' must have the form ^[a-z]+$")]
    [InlineData("pause: 99ms", "'pause' must be between 100ms and 1h")]
    [InlineData("pause: 61m", "'pause' must be between 100ms and 1h")]
    [InlineData("length: 5000000000", "'length' must be between 1 and 100")]
    public void A_value_out_of_its_range_is_named(string line, string message)
    {
        Bind("name: x\n" + line);

        Assert.Equal("GW1014 2:" + (line.IndexOf(' ') + 2), Yaml.Short(Assert.Single(_found)));
        Assert.Equal(message, _found[0].Message);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("é")]
    [InlineData("-a")]
    [InlineData("'a\"b'")]
    [InlineData("''")]
    public void A_name_that_would_have_to_be_escaped_somewhere_is_refused(string name)
    {
        Bind($"name: x\nparts:\n  {name}: {{ name: y }}\n");

        Assert.Equal("GW1015 3:3", Yaml.Short(Assert.Single(_found)));
    }

    [Fact]
    public void A_name_has_at_most_64_characters()
    {
        Bind($"name: x\nparts:\n  {new string('a', 64)}: {{ name: y }}\n  {new string('b', 65)}: {{ name: y }}\n");

        Assert.Equal("GW1015 4:3", Yaml.Short(Assert.Single(_found)));
    }

    [Fact]
    public void All_that_is_wrong_is_found_at_once()
    {
        Bind("name: [x]\ncount: 99\nwhat: 1\non: maybe\nnumbers: [1, two, 3, vier]\n");

        Assert.Equal(["GW1011 1:7", "GW1014 2:8", "GW1012 3:1", "GW1011 4:5", "GW1011 5:14", "GW1011 5:22"], Diagnostic.Sort(_found).Select(Yaml.Short));
    }

    [Fact]
    public void A_record_without_required_members_may_be_left_empty()
    {
        Assert.NotNull(new Binder(_places, _found).Bind<AllOptional>(Yaml.Map("a:")["a"]!));
        Assert.Null(new Binder(_places, _found).Bind<Thing>(Yaml.Map("a:")["a"]!));
        Assert.Equal("GW1011", Assert.Single(_found).Code);
    }

    [Fact]
    public void What_is_bound_knows_where_it_was_written()
    {
        var thing = Bind("name: x\nnumbers: [4, 5]\nparts:\n  one:\n    name: y\n")!;

        Assert.Equal(new Place("a.yaml", 1, 1), _places.Of(thing));
        Assert.Equal(new Place("a.yaml", 1, 7), _places.Of(thing, nameof(Thing.Name)));
        Assert.Equal(new Place("a.yaml", 2, 14), _places.Of(thing.Numbers, "1"));
        Assert.Equal(new Place("a.yaml", 4, 3), _places.Of(thing.Parts, "one"));
        Assert.Equal(new Place("a.yaml", 5, 11), _places.Of(thing.Parts["one"], nameof(Thing.Name)));
        Assert.Equal(_places.Of(thing), _places.Of(thing, nameof(Thing.Count)));
        Assert.Equal(Place.None, _places.Of(new object()));
    }

    [Fact]
    public void Two_equal_records_have_places_of_their_own()
    {
        var thing = Bind("name: x\nnotes:\n  a: { text: y }\n  b: { text: y }\n")!;

        Assert.Equal(thing.Notes["a"], thing.Notes["b"]);
        Assert.Equal(3, _places.Of(thing.Notes["a"]).Line);
        Assert.Equal(4, _places.Of(thing.Notes["b"]).Line);
    }

    private Thing? Bind(string yaml) => new Binder(_places, _found).Bind<Thing>(Yaml.Map(yaml));
}
