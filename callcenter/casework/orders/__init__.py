"""Work orders (工单): calls that hang on them, their steps, lists and promises."""
