namespace Gateway.Configuration.Yaml;

/// <summary>YAML as it was written: every node knows its place.</summary>
public abstract record Node(Place Place)
{
    /// <summary><paramref name="Plain"/> tells <c>no</c> from <c>"no"</c>; a scalar is text until a record asks for something else.</summary>
    public sealed record Scalar(string Text, bool Plain, Place Place) : Node(Place)
    {
        public bool IsNull => Plain && Text is "" or "~" or "null";
    }

    public sealed record List(IReadOnlyList<Node> Items, Place Place) : Node(Place);

    public sealed record Map(IReadOnlyList<Member> Members, Place Place) : Node(Place)
    {
        public Node? this[string name] => Members.FirstOrDefault(m => m.Name == name)?.Value;
    }

    /// <summary>A value that could not be told; that has been reported already.</summary>
    public sealed record Unknown(Place Place) : Node(Place);

    public string Kind => this switch
    {
        Scalar { IsNull: true } => "nothing",
        Scalar => "a value",
        List => "a list",
        _ => "a mapping",
    };
}

/// <summary>One member of a mapping; <paramref name="Place"/> is the name's.</summary>
public sealed record Member(string Name, Place Place, Node Value);
